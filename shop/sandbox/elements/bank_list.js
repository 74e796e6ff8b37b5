// The list of banks to choose from.
const channel = new Channel();
const list = document.querySelector("ul");

channel.open(start, {});

function start({ banks }) {
  list.replaceChildren(...banks.map(itemFor));
  reportOn(channel);
}

function itemFor(bank) {
  const item = document.getElementById("item").content.cloneNode(true);
  item.querySelector("span").textContent = bank.text;
  item.querySelector("button").addEventListener("click", () => channel.emit("chosen", bank));
  return item;
}
