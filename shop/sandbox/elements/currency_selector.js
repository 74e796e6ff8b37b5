// The Currency Selector's page: a button for each currency, with what would be paid in it.
const channel = new Channel();
const list = document.querySelector(".TabList");

channel.open(start, {
  update: (changed) => configure(changed),
  validate: () => ({}),
  focus: () => list.querySelector("button")?.focus(),
  blur: () => document.activeElement?.blur(),
  clear() {},
});

function start(sent) {
  configure(sent);
  reportOn(channel);
  reportHeight(channel);
  channel.emit("ready");
}

function configure({ appearance, currencies }) {
  applyAppearance(appearance);
  document.body.hidden = currencies.length < 2;
  list.replaceChildren(...currencies.map(buttonFor));
}

function buttonFor({ currency, amount, isCurrent }) {
  const copy = document.getElementById("currency").content.cloneNode(true);
  const button = copy.querySelector("button");
  button.textContent = `${currency.toUpperCase()} ${amount}`;
  button.dataset.currency = currency;
  button.setAttribute("aria-pressed", String(isCurrent));
  button.classList.toggle("Tab--selected", isCurrent);
  button.addEventListener("click", () => isCurrent || channel.emit("select", { currency }));
  return copy;
}
