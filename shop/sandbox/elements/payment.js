// The Payment Element's page: takes options from the embedding page, reports what happens, and confirms.
let settings; // what the embedding page sent last: {caller, clientSecret, appearance, options, …}

const channel = new Channel();
const layout = new Layout();
const form = new CardForm(() => reportChange());

channel.open(start, {
  update: (changed) => configure(changed),
  focus: () => (layout.isCollapsed ? layout.button : form).focus(),
  blur: () => document.activeElement?.blur(),
  clear: () => {
    form.clear();
    reportChange();
  },
  collapse: () => layout.collapse(),
  validate: () => ({ selectedPaymentMethod: "card", ...validate() }),
  show: (error) => form.showError(error),
  confirm: (request) => confirmCard(request),
  createPaymentMethod: (parameters) => createCard(parameters),
});

async function start(sent) {
  form.prefill(sent.options?.defaultValues?.billingDetails?.address);
  configure(sent);
  document.body.hidden = false;
  new ResizeObserver(reportHeight).observe(document.body);
  const { error, paymentIntent } = await currentIntent();
  if (error) {
    document.body.hidden = true;
    return channel.emit("loaderror", { error });
  }
  showTerms(paymentIntent);
  reportHeight();
  channel.emit("availablepaymentmethodschange", { paymentMethods: [{ type: "card" }] });
  channel.emit("ready");
}

function configure(changed) {
  settings = changed;
  const { options = {}, appearance } = settings;
  const fields = options.fields?.billingDetails ?? "auto";
  const address = fields === "never" ? "never" : fields.address;
  const never = (name) => address === "never" || address?.[name] === "never";
  layout.use(options.layout, () => reportChange());
  form.configure({
    hidden: { country: never("country"), postalCode: never("postalCode") },
    readOnly: options.readOnly,
    postalCodeCountries: settings.postalCodeCountries,
  });
  applyAppearance(appearance);
}

const OPEN = ["requires_payment_method", "requires_confirmation", "requires_action"];

// Without a client secret (the deferred form) there is nothing to ask for yet.
async function currentIntent() {
  if (!settings.clientSecret) return {};
  const answer = await retrieveIntent(settings.caller, settings.clientSecret);
  if (answer.error || OPEN.includes(answer.paymentIntent.status)) return answer;
  return {
    error: {
      type: "invalid_request_error",
      code: "payment_intent_unexpected_state",
      message: `This PaymentIntent is ${answer.paymentIntent.status}. It cannot be used to initialize Elements.`,
      payment_intent: answer.paymentIntent,
    },
  };
}

function validate() {
  if (layout.isCollapsed) layout.expand();
  return form.validate();
}

// The card becomes a payment method first, and its id confirms: the number goes to one route only.
async function confirmCard({ clientSecret, confirmParams }) {
  const { payment_method_data: extra, ...parameters } = confirmParams;
  const { paymentMethod, error } = await createCard(extra);
  if (error) return { error };
  const answer = await confirmIntent(settings.caller, clientSecret, { ...parameters, payment_method: paymentMethod.id });
  if (answer.error?.type === "card_error") form.showError(answer.error);
  return answer;
}

async function createCard(extra = {}) {
  const { error: incomplete } = validate();
  if (incomplete) return { error: incomplete };
  const { body, error } = await callApi("POST", "/v1/payment_methods", { ...merged(extra), ...settings.caller });
  if (error?.type === "card_error") form.showError(error);
  return error ? { error } : { paymentMethod: body };
}

// What the page gives wins over what the form collected.
function merged({ billing_details: given = {}, ...rest }) {
  const { billing_details: collected, ...card } = form.paymentMethod;
  const address = { ...collected.address, ...given.address };
  return { ...card, ...rest, billing_details: { ...given, address } };
}

function showTerms(intent) {
  const { options = {}, setupFutureUsage } = settings;
  const wanted = options.terms?.card ?? "auto";
  const saving = intent?.setup_future_usage ?? setupFutureUsage;
  const terms = document.getElementById("terms");
  terms.hidden = wanted === "never" || (wanted === "auto" && !saving);
  const business = options.business?.name ?? "this business";
  terms.textContent =
    `By providing your card information, you allow ${business} to charge your card for future payments ` +
    "in accordance with their terms.";
}

function reportChange() {
  const complete = form.isComplete && !layout.isCollapsed;
  const value = { type: "card", ...(complete && { billingDetails: form.billingDetails }) };
  channel.emit("change", { empty: form.isEmpty, complete, collapsed: layout.isCollapsed, value });
}

function reportHeight() {
  const { height } = document.body.getBoundingClientRect();
  if (height) channel.emit("resize", { height: Math.ceil(height) });
}

document.addEventListener("focusin", ({ relatedTarget }) => relatedTarget ?? channel.emit("focus"));
document.addEventListener("focusout", ({ relatedTarget }) => relatedTarget ?? channel.emit("blur"));
document.addEventListener("keydown", ({ key, target }) => {
  if (key === "Escape") channel.emit("escape");
  if (key === "Enter" && target.matches("input")) channel.emit("enter");
});

let lastBrand = "unknown";
form.fields.number.input.addEventListener("input", () => {
  if (form.brand.name === lastBrand) return;
  lastBrand = form.brand.name;
  const brands = lastBrand === "unknown" ? [] : [lastBrand];
  channel.emit("carddetailschange", { loading: false, details: { brands } });
});
