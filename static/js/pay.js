// Mounts Stripe's Payment Element and takes the press on Pay: first to the shop, then to Stripe.

const form = document.querySelector("#pay");
const button = form.querySelector("#pay-button");
const problem = form.querySelector("#pay-problem");
const label = button.textContent;
const returnUrl = new URL(form.dataset.order, location.href).href;

function tell(...nodes) {
  problem.replaceChildren(...nodes);
  if (nodes.length) problem.focus();
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
  button.textContent = on ? "Paying…" : label;
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
  };
}

function failedToLoad() {
  const again = document.createElement("a");
  again.href = location.href;
  again.textContent = "Load it again";
  const paragraph = sentence("The payment form did not load. Your order and your cart are safe. ");
  paragraph.append(again);
  tell(paragraph);
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
    tell(sentence("The shop could not take the payment just now. Nothing was charged: please try again."));
  } else {
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const about = page.querySelector("[data-field]")?.dataset.field;
    if (about) form.elements[about].setAttribute("aria-invalid", "true");
    tell(...page.body.childNodes);
  }
  return false;
}

async function pay(stripe, elements) {
  const email = form.elements.email;
  if (!email.validity.valid) email.setAttribute("aria-invalid", "true");
  const { error: incomplete } = await elements.submit();
  if (incomplete) return tell(sentence(incomplete.message));
  if (!(await press())) return;
  const { error } = await stripe.confirmPayment({
    elements,
    confirmParams: {
      return_url: returnUrl,
      payment_method_data: { billing_details: { email: form.elements.email.value } },
    },
  });
  if (error.code === "payment_intent_authentication_failure") {
    tell(sentence("Your bank did not confirm the payment, and nothing was charged. Try again, or use another card."));
  } else if (["card_error", "validation_error"].includes(error.type)) {
    tell(sentence(error.message));
  } else {
    location.assign(returnUrl); // what happened is open: the order's page asks Stripe and knows
  }
}

form.elements.email.addEventListener("input", () => form.elements.email.removeAttribute("aria-invalid"));

function start() {
  if (!window.Stripe) return failedToLoad();
  const stripe = Stripe(form.dataset.key);
  const elements = stripe.elements({ clientSecret: form.dataset.secret, appearance: appearance() });
  const element = elements.create("payment", { layout: "accordion", fields: { billingDetails: { email: "never" } } });
  element.on("loaderror", failedToLoad);
  element.mount("#payment-element");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => elements.update({ appearance: appearance() }));

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    busy(true);
    tell();
    form.elements.email.removeAttribute("aria-invalid");
    try {
      await pay(stripe, elements);
    } catch {
      tell(sentence("The connection was lost. Nothing is lost: look at your order before you try again."));
    } finally {
      busy(false);
    }
  });
}

start();
