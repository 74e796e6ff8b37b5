// Takes the step that an intent asks for; resolves {paymentIntent}, {setupIntent} or {error}.
async function takeNextAction(caller, intent) {
  const action = intent.status === "requires_action" ? intent.next_action : undefined;
  const address = whereToGo(action);
  if (address) return leavePage(address);
  if (action?.type !== "use_stripe_sdk") return asAnswer(intent);
  const { error } = await openChallenge(caller, intent);
  if (error) return { error };
  const answer = await retrieveIntent(caller, intent.client_secret);
  return answer.error ? answer : failureOf(intentIn(answer));
}

// Where a redirect method sends the shopper: redirect_to_url and alipay_handle_redirect say it in `url`.
function whereToGo(action) {
  const details = action?.[action.type];
  if (action?.type === "cashapp_handle_redirect_or_display_qr_code") return details.hosted_instructions_url;
  return /redirect/.test(action?.type) ? details.url : undefined;
}

// An intent that came back from its step without a payment method says why in its last error.
function failureOf(intent) {
  if (intent.status !== "requires_payment_method") return asAnswer(intent);
  const last = intent.last_payment_error ?? intent.last_setup_error;
  return { error: { ...last, [intent.object]: intent } };
}

// The page is on its way elsewhere: nothing more will be heard from it.
function leavePage(url) {
  window.location.assign(url);
  return new Promise(() => {});
}

async function handleNextAction(caller, { clientSecret } = {}) {
  checkClientSecret(clientSecret, "handleNextAction()", [PAYMENT_INTENT, SETUP_INTENT]);
  const answer = await retrieveIntent(caller, clientSecret);
  return answer.error ? answer : takeNextAction(caller, intentIn(answer));
}

async function handleCardAction(caller, clientSecret) {
  checkClientSecret(clientSecret, "handleCardAction()");
  const answer = await retrieveIntent(caller, clientSecret);
  if (answer.error || answer.paymentIntent.status === "requires_action") {
    return answer.error ? answer : takeNextAction(caller, answer.paymentIntent);
  }
  const message = `handleCardAction() needs an intent that requires_action; this one is ${answer.paymentIntent.status}.`;
  return { error: { type: "invalid_request_error", code: "payment_intent_unexpected_state", message } };
}
