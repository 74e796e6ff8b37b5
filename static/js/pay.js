// Mounts Stripe's Elements and takes the press on Pay, or a wallet's: first to the shop, then to Stripe.

const form = document.querySelector("#pay");
const button = form.querySelector("#pay-button");
const problem = form.querySelector("#pay-problem");
const label = button.textContent;
const title = document.title.replace(form.dataset.error, "");
const address = form.querySelector("#address-element"); // where something is to be sent
const returnUrl = new URL(form.dataset.order, location.href).href;

function tell(...nodes) {
  problem.replaceChildren(...nodes);
  document.title = nodes.length ? form.dataset.error + title : title;
  if (nodes.length) problem.focus();
}

// At the field the same as in the summary.
function mark(field, text) {
  const wrong = document.createElement("span");
  wrong.className = "wrong";
  wrong.textContent = text;
  field.setAttribute("aria-invalid", "true");
  form.querySelector(`#${field.id}-hint`).replaceChildren(wrong);
}

// The page's own words, which are translated with it.
function words(name) {
  return document.querySelector(`#said-${name}`).content.cloneNode(true);
}

function sentence(text) {
  const paragraph = document.createElement("p");
  paragraph.className = "problem";
  paragraph.textContent = text;
  return paragraph;
}

function busy(on) {
  form.dataset.busy = on ? "yes" : "";
  button.setAttribute("aria-busy", String(on));
  button.replaceChildren(on ? words("busy") : label);
}

function appearance() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  return {
    theme: matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "stripe",
    variables: {
      colorPrimary: token("--accent"),
      colorBackground: token("--field"),
      colorText: token("--ink"),
      colorTextSecondary: token("--ink-soft"),
      colorDanger: token("--danger"),
      fontFamily: token("--sans"),
      borderRadius: token("--radius"),
    },
    rules: {
      ".AccordionItem": { border: `1px solid ${token("--edge")}`, boxShadow: "none" },
      ".Input": { borderColor: token("--edge"), boxShadow: "none" },
      ".Input:focus": { borderColor: token("--accent"), boxShadow: `0 0 0 1px ${token("--accent")}` },
      ".Input--invalid": { borderColor: token("--danger"), boxShadow: `0 0 0 1px ${token("--danger")}` },
    },
  };
}

function showWallets(known) {
  document.querySelector("#express").dataset.wallets = known;
}

function failedToLoad() {
  showWallets("no");
  tell(words("unloaded"));
  button.disabled = true;
}

// The shop checks the email and the total, keeps the amount as it is, and lets the payment go on with 204.
async function press() {
  const reply = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { "HX-Request-Type": "partial" },
  });
  if (reply.status === 204) return true;
  if (reply.redirected) {
    location.assign(reply.url);
  } else if (reply.status >= 500) {
    tell(words("refused"));
  } else {
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const about = page.querySelector("[data-field]");
    if (about) mark(form.elements[about.dataset.field], about.querySelector("a").textContent);
    tell(...page.body.childNodes);
  }
  return false;
}

// Whether it got as far as Stripe. `shipping`: what a wallet knows; what is typed Stripe takes from its own form.
async function pay(stripe, elements, shipping) {
  const { email } = form.elements;
  if (!email.validity.valid) email.setAttribute("aria-invalid", "true");
  const { error: incomplete } = await elements.submit();
  if (incomplete) return tell(sentence(incomplete.message));
  if (!(await press())) return;
  const typed = email.value && { payment_method_data: { billing_details: { email: email.value } } };
  const { error } = await stripe.confirmPayment({ elements, confirmParams: { return_url: returnUrl, ...typed, ...shipping } });
  if (error.code === "payment_intent_authentication_failure") {
    tell(words("unconfirmed"));
  } else if (["card_error", "validation_error"].includes(error.type)) {
    tell(sentence(error.message));
  } else {
    location.assign(returnUrl); // what happened is open: the order's page asks Stripe and knows
  }
  return true;
}

async function once(paying) {
  if (form.dataset.busy) return;
  busy(true);
  tell();
  form.elements.email.removeAttribute("aria-invalid");
  try {
    return await paying();
  } catch {
    tell(words("lost"));
  } finally {
    busy(false);
  }
}

// The country that was priced, and the one way of shipping.
function shippingFor({ dataset: { country, rate, rateName } }) {
  const shippingRates = [{ id: "shipping", displayName: rateName, amount: Number(rate) }];
  return { shippingAddressRequired: true, allowedShippingCountries: [country], shippingRates };
}

// The wallets that this browser has, if it has any. What a wallet knows need not be typed, and what was typed holds.
function offerWallets(stripe, elements) {
  const { email } = form.elements;
  const express = elements.create("expressCheckout", { emailRequired: email.required, ...(address && shippingFor(address)) });
  express.on("ready", ({ availablePaymentMethods }) => {
    showWallets(availablePaymentMethods ? "yes" : "no");
  });
  express.on("loaderror", () => showWallets("no"));
  express.on("confirm", async ({ billingDetails, shippingAddress, paymentFailed }) => {
    email.value ||= billingDetails?.email ?? "";
    const shipping = address && { shipping: shippingAddress };
    if (!(await once(() => pay(stripe, elements, shipping)))) paymentFailed({ reason: "fail" });
  });
  express.mount("#express-element");
}

form.elements.email.addEventListener("input", () => form.elements.email.removeAttribute("aria-invalid"));

// What the shop says of the address when its field was left.
document.addEventListener("htmx:after:swap", () => {
  if (form.querySelector(".wrong")) form.elements.email.setAttribute("aria-invalid", "true");
});

function start() {
  if (!window.Stripe) return failedToLoad();
  const stripe = Stripe(form.dataset.key);
  const { secret: clientSecret, cards: customerSessionClientSecret } = form.dataset; // the latter of who is signed in
  const group = () => stripe.elements({ clientSecret, customerSessionClientSecret, appearance: appearance() });
  const elements = group();
  if (address) {
    const allowedCountries = [address.dataset.country];
    const defaultValues = JSON.parse(address.dataset.known);
    const autocomplete = { mode: "disabled" }; // else what is typed goes to Google, whose scripts the page does not let in
    elements.create("address", { mode: "shipping", allowedCountries, defaultValues, autocomplete }).mount(address);
  }
  // Where no address must be given, Stripe asks for one if the way of paying needs it.
  const fields = { billingDetails: { email: form.elements.email.required ? "never" : "auto" } };
  const wallets = { applePay: "never", googlePay: "never" }; // they stand above the form
  const element = elements.create("payment", { layout: "accordion", fields, wallets });
  element.on("loaderror", failedToLoad);
  if (customerSessionClientSecret) element.on("ready", () => (form.dataset.ready = "yes")); // saved cards are less high
  element.mount("#payment-element");
  offerWallets(stripe, address ? group() : elements); // a wallet that knows the address does not wait for the form
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => elements.update({ appearance: appearance() }));

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(() => pay(stripe, elements));
  });
}

start();
