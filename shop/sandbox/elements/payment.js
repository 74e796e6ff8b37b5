// The Payment Element's page: takes options from the embedding page, reports what happens, and confirms.
let settings; // what the embedding page sent last: {caller, clientSecret, appearance, options, …}
let intent; // the payment's, once it is known; the deferred form has none

const channel = new Channel();
const layout = new Layout(() => {
  method.use(layout.type);
  showNotes();
  reportChange();
});
const card = new CardForm(typed);
const method = new MethodForm(typed);
const saved = new SavedCards(reportChange, (card, error) => {
  channel.emit("savedpaymentmethodremove", error ? { success: false, error } : { success: true, payment_method: card.id });
});

channel.open(start, {
  update: (changed) => configure(changed),
  focus: () => focus(),
  blur: () => document.activeElement?.blur(),
  clear: () => {
    card.clear();
    method.clear();
    reportChange();
  },
  collapse: () => layout.collapse(),
  validate: () => ({ selectedPaymentMethod: chosenType(), ...validate() }),
  show: (error) => form().showError(error),
  createPaymentMethod: (parameters) => createPaymentMethod(parameters),
});

async function start(sent) {
  const { billingDetails } = sent.options?.defaultValues ?? {};
  card.prefill(billingDetails?.address);
  method.prefill(billingDetails);
  configure(sent);
  document.body.hidden = false;
  reportEvents(channel);
  const [{ error: unknown }, { error: unpayable, ...found }] = await Promise.all([
    saved.load(sent.caller, sent.customerSessionClientSecret),
    currentIntent(),
  ]);
  intent = intentIn(found);
  offer();
  const error = unpayable ?? unknown ?? (layout.types.length ? undefined : NOTHING_TO_OFFER);
  if (error) {
    document.body.hidden = true;
    return channel.emit("loaderror", { error });
  }
  saved.offer(layout.types);
  reportHeight(channel);
  reportSize(channel);
  channel.emit("ready");
  if (layout.type !== "card") reportChange();
}

function configure(changed) {
  settings = changed;
  const { options = {}, appearance } = settings;
  const { readOnly } = options;
  const fields = options.fields?.billingDetails ?? "auto";
  const address = fields === "never" ? "never" : fields.address;
  const never = (name) => settings.addressIsElsewhere || address === "never" || address?.[name] === "never";
  card.configure({
    hidden: { country: never("country"), postalCode: never("postalCode") },
    readOnly,
    postalCodeCountries: settings.postalCodeCountries,
  });
  method.configure({
    hidden: {
      name: settings.addressIsElsewhere || fields === "never" || fields.name === "never",
      email: settings.emailIsElsewhere || fields === "never" || fields.email === "never",
    },
    readOnly,
    banks: settings.idealBanks,
  });
  layout.use(options.layout);
  offer();
  applyAppearance(appearance);
}

let told; // the types that the page has heard of

// Until it is known what the payment allows, a card can be typed in.
function offer() {
  const known = settings.paymentMethodTypes ?? intent?.payment_method_types;
  layout.offer(offerable(known ?? ["card"], settings.options?.paymentMethodOrder));
  if (!layout.types.length) return;
  method.use(layout.type);
  showNotes();
  if (!known || told === String(layout.types)) return;
  told = String(layout.types);
  channel.emit("availablepaymentmethodschange", { paymentMethods: layout.types.map((type) => ({ type })) });
}

const NOTHING_TO_OFFER = {
  type: "invalid_request_error",
  message: "This payment allows no payment method that the Payment Element of this sandbox has.",
};

const OPEN = ["requires_payment_method", "requires_confirmation", "requires_action"];

// Without a client secret (the deferred form) there is nothing to ask for yet.
async function currentIntent() {
  if (!settings.clientSecret) return {};
  const answer = await retrieveIntent(settings.caller, settings.clientSecret);
  const found = intentIn(answer);
  if (answer.error || OPEN.includes(found.status)) return answer;
  const { object } = kindOf(settings.clientSecret);
  return {
    error: {
      type: "invalid_request_error",
      code: `${object}_unexpected_state`,
      message: `This intent is ${found.status}. It cannot be used to initialize Elements.`,
      [object]: found,
    },
  };
}

// The form of the way of paying that is chosen.
function form() {
  return layout.type === "card" ? card : method;
}

function chosenType() {
  return saved.chosen ? "card" : layout.type;
}

function focus() {
  if (layout.isCollapsed || !shownOf(form().fields).length) layout.button.focus();
  else form().focus();
}

function typed() {
  layout.keep();
  reportChange();
}

function validate() {
  if (saved.chosen) return {};
  if (layout.isCollapsed) layout.expand();
  return form().validate();
}

// Only the API gets to see the card or the account; the page gets what it made of it.
async function createPaymentMethod(extra = {}) {
  if (saved.chosen) return { paymentMethod: saved.chosen };
  const { error: incomplete } = validate();
  if (incomplete) return { error: incomplete };
  const setupFutureUsage = saved.saving;
  const kept = setupFutureUsage && { allow_redisplay: "always" };
  const sent = { ...kept, ...merged(extra), ...settings.caller };
  const { body, error } = await callApi("POST", "/v1/payment_methods", sent);
  if (error?.type === "card_error" || (error && layout.type !== "card")) form().showError(error);
  return error ? { error } : { paymentMethod: body, setupFutureUsage };
}

// What the page gives wins over what the form collected.
function merged({ billing_details: given = {}, ...rest }) {
  const { billing_details: collected, ...made } = form().paymentMethod;
  const address = { ...collected.address, ...given.address };
  return { ...made, ...rest, billing_details: { ...collected, ...given, address } };
}

// What belongs to the chosen way of paying besides its fields: where it leads, what the shopper agrees to, and
// whether it can be kept.
function showNotes() {
  const { options = {}, setupFutureUsage } = settings;
  const { label, redirects, debits } = METHODS[layout.type];
  const business = options.business?.name ?? "this business";
  const saving = intent?.setup_future_usage ?? setupFutureUsage;
  const wanted = (type) => options.terms?.[type.replace(/_(.)/g, (_, letter) => letter.toUpperCase())] ?? "auto";
  const cardTerms =
    `By providing your card information, you allow ${business} to charge your card for future payments ` +
    "in accordance with their terms.";
  const debitTerms = `By confirming this payment, you allow ${business} to debit your bank account, as its terms say.`;
  say("terms", cardTerms, wanted("card") === "always" || (wanted("card") === "auto" && saving));
  say("method-terms", debitTerms, wanted(layout.type) === "always" || (wanted(layout.type) === "auto" && debits));
  say("redirect-note", `You will leave this page to confirm the payment with ${label}, and then come back.`, redirects);
  saved.offerSaving(layout.type === "card");
}

function say(id, text, shown) {
  const note = document.getElementById(id);
  note.textContent = text;
  note.hidden = !shown;
}

function reportChange() {
  const { chosen } = saved;
  const complete = chosen ? true : form().isComplete && !layout.isCollapsed;
  const details = chosen
    ? { payment_method: { id: chosen.id, type: "card", billing_details: chosen.billing_details } }
    : { ...(complete && { billingDetails: form().billingDetails }), ...(saved.saving && { savePaymentMethod: true }) };
  const value = { type: chosenType(), ...details };
  channel.emit("change", { empty: !chosen && form().isEmpty, complete, collapsed: layout.isCollapsed, value });
}

let lastBrand = "unknown";
card.fields.number.input.addEventListener("input", () => {
  if (card.brand.name === lastBrand) return;
  lastBrand = card.brand.name;
  const brands = lastBrand === "unknown" ? [] : [lastBrand];
  channel.emit("carddetailschange", { loading: false, details: { brands } });
});
