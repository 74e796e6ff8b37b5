// The button of an Element that lets the shopper choose a bank.
const channel = new Channel();
const button = document.querySelector("button");

channel.open(start, {
  update() {},
  validate: () => ({}),
  focus: () => button.focus(),
  blur: () => button.blur(),
  clear: () => show("Select bank"),
  choose: ({ text }) => show(text),
});

function start() {
  reportOn(channel);
  reportHeight(channel);
  button.addEventListener("click", () => channel.emit("toggle"));
  channel.emit("ready");
}

function show(text) {
  document.getElementById("bank-list-value").textContent = text;
}
