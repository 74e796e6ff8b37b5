// stripe.elements(): the Elements of one payment, and what they share.
class Elements extends Emitter {
  #caller;
  #elements = new Map();
  #submitted = false;
  #types;

  constructor(caller, options = {}) {
    super();
    this.#caller = caller;
    checkElementsOptions(options);
    this.options = { ...options };
  }

  // Tells the frames of one payment from those of another on the same page.
  id = crypto.randomUUID();

  get caller() {
    return this.#caller;
  }

  get clientSecret() {
    return this.options.clientSecret;
  }

  // The types that the payment allows; undefined where the frame has yet to ask its intent, or the session is not there.
  get paymentMethodTypes() {
    if (this.checkout) return this.checkout.page?.payment_method_types;
    return this.clientSecret ? this.#types : typesFor(this.options);
  }

  get isSubmitted() {
    return this.#submitted;
  }

  create(type, options = {}) {
    const kind = KINDS[type];
    if (!kind) throw new IntegrationError(`elements.create("${type}"): there is no such Element in this train.`);
    if (kind.needsAmount && !this.clientSecret) checkDeferredOptions(this.options);
    return this.make(type, type, options);
  }

  // `key` is the name to find the Element by; where two of a type may be, it is not the type.
  make(type, key, options) {
    if (this.#elements.has(key)) {
      throw new IntegrationError(`There is a "${key}" Element already. Use getElement().`);
    }
    const element = new KINDS[type](this, type, { ...options });
    element.key = key;
    element.on("change", () => (this.#submitted = false));
    this.#elements.set(key, element);
    this.tellAll();
    return element;
  }

  // By its type, or by the React component that made it, which bears the type.
  getElement(type) {
    return this.#elements.get(type?.__elementType ?? type) ?? null;
  }

  // Resolves, since dahlia, when the frames have it; misuse is thrown at once in every train.
  update(options) {
    checkElementsOptions(options);
    Object.assign(this.options, options);
    const done = this.tellAll().then(() => this.emit("update-end", {}));
    return since("dahlia") ? done : undefined;
  }

  async fetchUpdates() {
    if (!this.clientSecret) return {};
    const answer = await retrieveIntent(this.#caller, this.clientSecret);
    if (answer.error) return { error: answer.error };
    this.#types = intentIn(answer).payment_method_types;
    await this.tellAll();
    return {};
  }

  // Checks every field and shows what is wrong, as confirmPayment does first.
  async submit() {
    const element = this.payingElement("submit");
    const { error } = await this.#validated();
    if (error) return { error };
    this.#submitted = true;
    return { selectedPaymentMethod: element.selectedPaymentMethod };
  }

  // What the other Elements know of the shopper: {billing_details, shipping} or {error}.
  async collected() {
    const { error, answers } = await this.#validated();
    if (error) return { error };
    const email = answers.linkAuthentication?.value.email;
    const personIn = (wanted) => Object.values(answers).find(({ elementMode }) => elementMode === wanted)?.value;
    return { billing_details: { ...personIn("billing"), ...(email && { email }) }, shipping: personIn("shipping") };
  }

  async #validated() {
    const skipped = this.getElement("expressCheckout")?.isAuthorized ? "payment" : undefined;
    const asking = this.#mounted().filter(({ key }) => key !== skipped);
    const asked = asking.map(async (element) => [element.key, await element.validate()]);
    const answers = Object.fromEntries(await Promise.all(asked));
    const [key, wrong] = Object.entries(answers).find(([, { error }]) => error) ?? [];
    if (wrong) this.getElement(key).focus();
    return { error: wrong?.error, answers };
  }

  payingElement(verb) {
    const express = this.getElement("expressCheckout");
    const order = express?.isAuthorized ? [express] : [this.getElement("payment"), express];
    const element = order.find((found) => found?.isMounted);
    if (element) return element;
    throw new IntegrationError(`${verb}() needs a mounted Payment Element. Mount it, and keep it on the page.`);
  }

  forget(element) {
    this.#elements.delete(element.key);
  }

  frameOptions() {
    const { clientSecret, appearance, locale, setupFutureUsage, customerSessionClientSecret } = this.options;
    return { caller: this.#caller, clientSecret, appearance, locale, setupFutureUsage, customerSessionClientSecret };
  }

  tellAll() {
    return Promise.all(this.#mounted().map((element) => element.frame.call("update", element.frameOptions())));
  }

  #mounted() {
    return [...this.#elements.values()].filter((element) => element.isMounted);
  }
}

function checkElementsOptions({ clientSecret, paymentMethodTypes }) {
  if (paymentMethodTypes !== undefined && since("endive")) {
    throw new IntegrationError(
      "paymentMethodTypes has been removed. Use allowedPaymentMethodTypes or excludedPaymentMethodTypes.",
    );
  }
  if (clientSecret !== undefined) checkClientSecret(clientSecret, "elements()", [PAYMENT_INTENT, SETUP_INTENT]);
}

function checkDeferredOptions({ mode, amount, currency }) {
  if (mode === undefined) {
    throw new IntegrationError("elements() needs a clientSecret, or a mode, amount and currency.");
  }
  if (!["payment", "setup", "subscription"].includes(mode)) {
    throw new IntegrationError('mode must be "payment", "setup" or "subscription".');
  }
  if (mode === "setup" && currency === undefined) return;
  if (mode !== "setup" && (!Number.isInteger(amount) || amount < 0 || (amount === 0 && mode === "payment"))) {
    throw new IntegrationError("elements() needs an amount: a positive integer in the currency's smallest unit.");
  }
  if (!/^[a-z]{3}$/.test(currency ?? "")) {
    throw new IntegrationError("elements() needs a three-letter lower-case currency.");
  }
}
