// window.Stripe: the constructor and the object it makes.
function Stripe(key, options = {}) {
  checkKey(key);
  checkAccount(options.stripeAccount);
  // Betas follow the version after a semicolon; there are none here.
  const version = options.apiVersion?.split(";")[0] ?? API_VERSION;
  const caller = { key, _stripe_version: version ?? undefined, _stripe_account: options.stripeAccount };
  const stripe = {
    elements: (elementsOptions) => new Elements(caller, elementsOptions),
    registerAppInfo() {},
    _registerWrapper() {},
    ...methodVerbs(caller),
  };
  for (const [name, verb] of Object.entries(VERBS)) stripe[name] = (...given) => verb(caller, ...given);
  for (const name of NOT_YET) stripe[name] = notInThisSandbox(`stripe.${name}()`);
  for (const [former, present] of RENAMED) {
    if (since("dahlia")) stripe[former] = renamed(former, present);
    else [stripe[former], stripe[present]] = [formerly(stripe, former, present), undefined];
  }
  return stripe;
}

const NOT_YET = ["createEmbeddedCheckoutPage", "collectBankAccountForPayment"];

const VERBS = {
  confirmPayment,
  confirmSetup,
  createConfirmationToken,
  createPaymentMethod,
  createToken,
  handleCardAction,
  handleNextAction,
  initCheckoutElementsSdk,
  paymentRequest,
  retrievePaymentIntent,
  retrieveSetupIntent,
};

// What dahlia gave another name.
const RENAMED = [
  ["initCheckout", "initCheckoutElementsSdk"],
  ["initEmbeddedCheckout", "createEmbeddedCheckoutPage"],
];

// Until clover, initCheckout() was another thing: asynchronous, with the actions on what it resolved with.
function formerly(stripe, former, present) {
  return since("clover") ? stripe[present] : notInThisSandbox(`stripe.${former}() of this train`);
}

function renamed(former, present) {
  return () => {
    throw new IntegrationError(`stripe.${former}() is now stripe.${present}().`);
  };
}

function checkKey(key) {
  if (typeof key !== "string" || !key) {
    throw new IntegrationError("Stripe() needs your publishable key. It starts with pk_test_.");
  }
  if (/^(sk|rk)_/.test(key)) {
    throw new IntegrationError("Never use a secret key in a browser. Give Stripe() your publishable key, pk_test_….");
  }
  if (!key.startsWith("pk_")) throw new IntegrationError("Stripe() needs a publishable key. It starts with pk_test_.");
}

// It goes along with every request. The sandbox has one account, and answers for that one whoever is named.
function checkAccount(account) {
  if (account === undefined || /^acct_\w+$/.test(account)) return;
  throw new IntegrationError("stripeAccount must be the id of a connected account. It starts with acct_.");
}

function retrievePaymentIntent(caller, clientSecret) {
  checkClientSecret(clientSecret, "retrievePaymentIntent()");
  return retrieveIntent(caller, clientSecret);
}

function retrieveSetupIntent(caller, clientSecret) {
  checkClientSecret(clientSecret, "retrieveSetupIntent()", [SETUP_INTENT]);
  return retrieveIntent(caller, clientSecret);
}

Stripe.version = TRAIN;
if (window.Stripe?.version === TRAIN) {
  console.warn("Stripe.js was loaded more than once on this page; the first one stays.");
} else {
  window.Stripe = Stripe;
}
