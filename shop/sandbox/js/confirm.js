// stripe.confirmPayment(): check the call, let the frame confirm, take the next step, go to return_url.
async function confirmPayment(caller, options) {
  const { elements, confirmParams = {}, redirect = "always" } = options ?? {};
  const clientSecret = options?.clientSecret ?? elements?.clientSecret;
  const element = checkConfirmation(options, clientSecret);
  if (underWay.has(clientSecret)) return { error: ALREADY_UNDER_WAY };
  underWay.add(clientSecret);
  try {
    const error = await deferredMismatch(caller, elements, clientSecret);
    if (error) return { error };
    let answer = element
      ? await element.frame.call("confirm", { clientSecret, confirmParams: toAbsolute(confirmParams) })
      : await confirmIntent(caller, clientSecret, toAbsolute(confirmParams));
    if (answer.paymentIntent?.status === "requires_action") {
      answer = await takeNextAction(caller, answer.paymentIntent);
      if (answer.error) element?.frame?.call("show", answer.error);
    }
    if (answer.error?.type === "validation_error") element.focus();
    if (answer.error || redirect === "if_required") return answer;
    return await leavePage(returnAddress(confirmParams.return_url, answer.paymentIntent));
  } finally {
    underWay.delete(clientSecret);
  }
}

// Client secrets being confirmed. A page that is leaving keeps its entry, and gets it back clean when the
// browser brings the page back from its history.
const underWay = new Set();
window.addEventListener("pageshow", (event) => event.persisted && underWay.clear());

const ALREADY_UNDER_WAY = {
  type: "invalid_request_error",
  message: "This payment is being confirmed already. Wait for the answer.",
};

function checkConfirmation({ elements, confirmParams = {}, redirect = "always" } = {}, clientSecret) {
  if (!["always", "if_required"].includes(redirect)) {
    throw new IntegrationError(`redirect must be "always" or "if_required", not ${JSON.stringify(redirect)}.`);
  }
  if (redirect === "always" && !confirmParams.return_url) {
    throw new IntegrationError('confirmPayment() needs confirmParams.return_url unless redirect is "if_required".');
  }
  if (!elements && !(confirmParams.payment_method || confirmParams.confirmation_token)) {
    throw new IntegrationError("confirmPayment() needs elements, or a payment_method in confirmParams.");
  }
  const element = elements?.mountedPaymentElement("confirmPayment");
  if (!clientSecret) throw new IntegrationError("confirmPayment() needs a clientSecret.");
  checkClientSecret(clientSecret, "confirmPayment()");
  if (elements && !elements.clientSecret && !elements.isSubmitted) {
    throw new IntegrationError("Without a clientSecret in elements(), call elements.submit() before confirmPayment().");
  }
  element?.checkHiddenFields(confirmParams.payment_method_data?.billing_details);
  return element;
}

// Elements that were made before the intent promised an amount; the intent must keep it.
async function deferredMismatch(caller, elements, clientSecret) {
  if (!elements || elements.clientSecret) return undefined;
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

const REDIRECT_STATUS = { succeeded: "succeeded", requires_capture: "succeeded", processing: "pending" };

function returnAddress(returnUrl, intent) {
  const address = new URL(returnUrl);
  address.searchParams.set("payment_intent", intent.id);
  address.searchParams.set("payment_intent_client_secret", intent.client_secret);
  address.searchParams.set("redirect_status", REDIRECT_STATUS[intent.status] ?? "failed");
  return address.href;
}
