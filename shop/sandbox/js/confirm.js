// stripe.confirmPayment() and stripe.confirmSetup(): check the call, make a payment method of what the shopper
// gave, confirm with it, take the next step, go to return_url.
async function confirmPayment(caller, options) {
  return confirmOnce(caller, "confirmPayment", [PAYMENT_INTENT], options ?? {});
}

async function confirmSetup(caller, options) {
  return confirmOnce(caller, "confirmSetup", [SETUP_INTENT], options ?? {});
}

// Client secrets being confirmed. A page that is leaving keeps its entry, and gets it back clean when the
// browser brings the page back from its history.
const underWay = new Set();
window.addEventListener("pageshow", (event) => event.persisted && underWay.clear());

const ALREADY_UNDER_WAY = {
  type: "invalid_request_error",
  message: "This payment is being confirmed already. Wait for the answer.",
};

async function confirmOnce(caller, verb, kinds, options) {
  const { elements, confirmParams = {}, redirect = "always" } = options;
  const clientSecret = options.clientSecret ?? elements?.clientSecret;
  const element = checkConfirmation(verb, kinds, options, clientSecret);
  if (underWay.has(clientSecret)) return { error: ALREADY_UNDER_WAY };
  underWay.add(clientSecret);
  try {
    const answer = await confirmAndAct(caller, clientSecret, { elements, element, confirmParams });
    if (answer.error || redirect === "if_required") return answer;
    return await leavePage(returnAddress(confirmParams.return_url, intentIn(answer)));
  } finally {
    underWay.delete(clientSecret);
  }
}

async function confirmAndAct(caller, clientSecret, { elements, element, confirmParams }) {
  const mismatch = await deferredMismatch(caller, elements, clientSecret);
  if (mismatch) return { error: mismatch };
  const parameters = toAbsolute(confirmParams);
  const chosen = element ? await withPaymentMethod(elements, element, parameters) : { parameters };
  if (chosen.error) return chosen;
  let answer = await confirmIntent(caller, clientSecret, chosen.parameters);
  if (!answer.error) answer = await takeNextAction(caller, intentIn(answer));
  if (answer.error) element?.showError(answer.error);
  return answer;
}

// The parameters of a confirmation, once the Element has made a payment method: {parameters} or {error}.
async function withPaymentMethod(elements, element, { payment_method_data: extra, ...rest }) {
  const collected = await elements.collected();
  if (collected.error) return collected;
  const made = await element.createPaymentMethod(withBilling(collected.billing_details, extra));
  if (made.error) return { error: made.error };
  const shipping = rest.shipping ?? collected.shipping;
  const kept = made.setupFutureUsage && { setup_future_usage: made.setupFutureUsage };
  return { parameters: { ...(shipping && { shipping }), ...kept, ...rest, payment_method: made.paymentMethod.id } };
}

// What the page gives wins over what Elements collected.
function withBilling(collected, extra = {}) {
  const { billing_details: given = {}, ...rest } = extra;
  const address = { ...collected?.address, ...given.address };
  return { ...rest, billing_details: { ...collected, ...given, address } };
}

function checkConfirmation(verb, kinds, { elements, confirmParams = {}, redirect = "always" }, clientSecret) {
  if (!["always", "if_required"].includes(redirect)) {
    throw new IntegrationError(`redirect must be "always" or "if_required", not ${JSON.stringify(redirect)}.`);
  }
  if (redirect === "always" && !confirmParams.return_url) {
    throw new IntegrationError(`${verb}() needs confirmParams.return_url unless redirect is "if_required".`);
  }
  const named = confirmParams.payment_method || confirmParams.confirmation_token;
  if (!elements && !named) {
    throw new IntegrationError(`${verb}() needs elements, or a payment_method in confirmParams.`);
  }
  const element = named ? undefined : elements.payingElement(verb);
  if (!clientSecret) throw new IntegrationError(`${verb}() needs a clientSecret.`);
  checkClientSecret(clientSecret, `${verb}()`, kinds);
  if (element && !elements.clientSecret && !elements.isSubmitted) {
    throw new IntegrationError(`Without a clientSecret in elements(), call elements.submit() before ${verb}().`);
  }
  element?.checkHiddenFields(confirmParams.payment_method_data?.billing_details, verb);
  return element;
}

// Elements that were made before the intent promised an amount; the intent must keep it.
async function deferredMismatch(caller, elements, clientSecret) {
  if (!elements || elements.clientSecret || kindOf(clientSecret) === SETUP_INTENT) return undefined;
  const { paymentIntent, error } = await retrieveIntent(caller, clientSecret);
  if (error) return error;
  const names = { amount: "amount", currency: "currency", capture_method: "captureMethod" };
  for (const [name, option] of Object.entries(names)) {
    const promised = elements.options[option];
    if (promised === undefined || promised === paymentIntent[name]) continue;
    const message = `elements() was given ${option} ${promised}, and the PaymentIntent has ${paymentIntent[name]}.`;
    return { type: "invalid_request_error", message };
  }
}

function toAbsolute(confirmParams) {
  if (!confirmParams.return_url) return confirmParams;
  try {
    return { ...confirmParams, return_url: new URL(confirmParams.return_url).href };
  } catch {
    throw new IntegrationError("confirmParams.return_url must be a whole address, with https:// or http://.");
  }
}

// An intent that still requires an action waits for something that no page can do, such as small deposits.
const REDIRECT_STATUS = {
  succeeded: "succeeded", requires_capture: "succeeded", processing: "pending", requires_action: "pending",
};

function returnAddress(returnUrl, intent) {
  const address = new URL(returnUrl);
  address.searchParams.set(intent.object, intent.id);
  address.searchParams.set(`${intent.object}_client_secret`, intent.client_secret);
  address.searchParams.set("redirect_status", REDIRECT_STATUS[intent.status] ?? "failed");
  return address.href;
}
