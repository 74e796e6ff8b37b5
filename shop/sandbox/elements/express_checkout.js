// The Express Checkout Element's page: a button for each wallet.
const NAMES = { google_pay: "Google Pay", link: "Link", paypal: "PayPal" };
const channel = new Channel();
const list = document.querySelector("main");

channel.open(start, {
  update: (changed) => configure(changed),
  focus: () => list.querySelector("button")?.focus(),
  blur: () => document.activeElement?.blur(),
  clear() {},
});

function start(sent) {
  configure(sent);
  reportOn(channel);
  reportHeight(channel);
  channel.emit("ready", { availablePaymentMethods: available(sent.wallets) });
}

// {googlePay: true, link: true, paypal: false, …}, or nothing where there is no wallet at all.
function available(wallets) {
  if (!wallets.length) return undefined;
  const has = (wallet) => wallets.includes(wallet);
  const none = { amazonPay: false, applePay: false, klarna: false };
  return { ...none, googlePay: has("google_pay"), link: has("link"), paypal: has("paypal") };
}

function configure({ wallets, buttonHeight }) {
  for (const button of list.querySelectorAll("button")) button.remove();
  for (const wallet of wallets) {
    const copy = document.getElementById("wallet").content.cloneNode(true);
    const button = copy.querySelector("button");
    button.textContent = `${NAMES[wallet]} (simulated)`;
    button.dataset.wallet = wallet;
    button.style.height = `${buttonHeight}px`;
    button.addEventListener("click", () => channel.emit("click", { wallet }));
    list.append(copy);
  }
}
