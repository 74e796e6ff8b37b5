// The Payment Element's page: takes options from the embedding page, reports what happens, and confirms.
let settings; // what the embedding page sent last: {caller, clientSecret, appearance, options, …}

const channel = new Channel();
const layout = new Layout();
const form = new CardForm(() => reportChange());
const saved = new SavedCards(reportChange, (card, error) => {
  channel.emit("savedpaymentmethodremove", error ? { success: false, error } : { success: true, payment_method: card.id });
});

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
  createPaymentMethod: (parameters) => createCard(parameters),
});

async function start(sent) {
  form.prefill(sent.options?.defaultValues?.billingDetails?.address);
  configure(sent);
  document.body.hidden = false;
  reportOn(channel);
  const [{ error: unknown }, { error: unpayable, ...found }] = await Promise.all([
    saved.load(sent.caller, sent.customerSessionClientSecret),
    currentIntent(),
  ]);
  const error = unpayable ?? unknown;
  if (error) {
    document.body.hidden = true;
    return channel.emit("loaderror", { error });
  }
  showTerms(intentIn(found));
  reportHeight(channel);
  channel.emit("availablepaymentmethodschange", { paymentMethods: [{ type: "card" }] });
  channel.emit("ready");
}

function configure(changed) {
  settings = changed;
  const { options = {}, appearance } = settings;
  const fields = options.fields?.billingDetails ?? "auto";
  const address = fields === "never" ? "never" : fields.address;
  const never = (name) => settings.addressIsElsewhere || address === "never" || address?.[name] === "never";
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
  const intent = intentIn(answer);
  if (answer.error || OPEN.includes(intent.status)) return answer;
  const { object } = kindOf(settings.clientSecret);
  return {
    error: {
      type: "invalid_request_error",
      code: `${object}_unexpected_state`,
      message: `This intent is ${intent.status}. It cannot be used to initialize Elements.`,
      [object]: intent,
    },
  };
}

function validate() {
  if (saved.chosen) return {};
  if (layout.isCollapsed) layout.expand();
  return form.validate();
}

// Only the API gets to see the card; the page gets what it made of it.
async function createCard(extra = {}) {
  if (saved.chosen) return { paymentMethod: saved.chosen };
  const { error: incomplete } = validate();
  if (incomplete) return { error: incomplete };
  const setupFutureUsage = saved.saving;
  const kept = setupFutureUsage && { allow_redisplay: "always" };
  const sent = { ...kept, ...merged(extra), ...settings.caller };
  const { body, error } = await callApi("POST", "/v1/payment_methods", sent);
  if (error?.type === "card_error") form.showError(error);
  return error ? { error } : { paymentMethod: body, setupFutureUsage };
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
  const { chosen } = saved;
  const complete = chosen ? true : form.isComplete && !layout.isCollapsed;
  const details = chosen
    ? { payment_method: { id: chosen.id, type: "card", billing_details: chosen.billing_details } }
    : { ...(complete && { billingDetails: form.billingDetails }), ...(saved.saving && { savePaymentMethod: true }) };
  const value = { type: "card", ...details };
  channel.emit("change", { empty: !chosen && form.isEmpty, complete, collapsed: layout.isCollapsed, value });
}

let lastBrand = "unknown";
form.fields.number.input.addEventListener("input", () => {
  if (form.brand.name === lastBrand) return;
  lastBrand = form.brand.name;
  const brands = lastBrand === "unknown" ? [] : [lastBrand];
  channel.emit("carddetailschange", { loading: false, details: { brands } });
});
