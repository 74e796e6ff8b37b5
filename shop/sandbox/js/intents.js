// Payment intents and setup intents, told apart by their client secrets. What a verb answers is under the
// intent's own name: {paymentIntent}, {setupIntent} or {error}.
const PAYMENT_INTENT = { prefix: "pi", path: "/v1/payment_intents", name: "paymentIntent", object: "payment_intent" };
const SETUP_INTENT = { prefix: "seti", path: "/v1/setup_intents", name: "setupIntent", object: "setup_intent" };

function kindOf(clientSecret) {
  return clientSecret.startsWith("seti_") ? SETUP_INTENT : PAYMENT_INTENT;
}

function intentIn(answer) {
  return answer.paymentIntent ?? answer.setupIntent;
}

function asAnswer(intent) {
  return { [intent.object === "setup_intent" ? "setupIntent" : "paymentIntent"]: intent };
}

async function retrieveIntent(caller, clientSecret) {
  const { path, name } = kindOf(clientSecret);
  const sent = { ...caller, client_secret: clientSecret };
  const { body, error } = await callApi("GET", `${path}/${idOf(clientSecret)}`, sent);
  return error ? { error } : { [name]: body };
}

async function confirmIntent(caller, clientSecret, parameters) {
  const { path, name } = kindOf(clientSecret);
  const sent = { ...parameters, ...caller, use_stripe_sdk: true, client_secret: clientSecret };
  const { body, error } = await callApi("POST", `${path}/${idOf(clientSecret)}/confirm`, sent);
  return error ? { error } : { [name]: body };
}

function idOf(clientSecret) {
  return clientSecret.split("_secret_")[0];
}

// Throws unless the secret is one of the kinds that the verb takes.
function checkClientSecret(clientSecret, verb, kinds = [PAYMENT_INTENT]) {
  const prefixes = kinds.map(({ prefix }) => prefix);
  const form = new RegExp(`^(${prefixes.join("|")})_\\w+_secret_\\w+$`);
  if (typeof clientSecret === "string" && form.test(clientSecret)) return;
  const expected = prefixes.map((prefix) => `${prefix}_…_secret_…`).join(" or ");
  throw new IntegrationError(`The clientSecret given to ${verb} has an unknown form. Expected: ${expected}.`);
}
