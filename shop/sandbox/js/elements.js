// stripe.elements(): the Elements of one payment, and what they share.
class Elements extends Emitter {
  #caller;
  #elements = new Map();
  #submitted = false;

  constructor(caller, options = {}) {
    super();
    this.#caller = caller;
    checkElementsOptions(options);
    this.options = { ...options };
  }

  get clientSecret() {
    return this.options.clientSecret;
  }

  get isSubmitted() {
    return this.#submitted;
  }

  create(type, options = {}) {
    if (type !== "payment") throw new IntegrationError(`elements.create("${type}") is not in this sandbox yet.`);
    if (this.#elements.has(type)) {
      throw new IntegrationError(`There is a "${type}" Element already. Use getElement().`);
    }
    if (!this.clientSecret) checkDeferredOptions(this.options);
    const element = new PaymentElement(this, type, { ...options });
    element.on("change", () => (this.#submitted = false));
    this.#elements.set(type, element);
    return element;
  }

  getElement(type) {
    return this.#elements.get(type) ?? null;
  }

  // Resolves, since dahlia, when the frames have it; misuse is thrown at once in every train.
  update(options) {
    checkElementsOptions(options);
    Object.assign(this.options, options);
    const told = [...this.#mounted()].map((element) => element.frame.call("update", element.frameOptions()));
    const done = Promise.all(told).then(() => this.emit("update-end", {}));
    return since("dahlia") ? done : undefined;
  }

  async fetchUpdates() {
    if (!this.clientSecret) return {};
    const { error } = await retrieveIntent(this.#caller, this.clientSecret);
    return error ? { error } : {};
  }

  // Checks every field and shows what is wrong, as confirmPayment does first.
  async submit() {
    const element = this.mountedPaymentElement("submit");
    const { error, selectedPaymentMethod } = await element.frame.call("validate");
    if (error) {
      element.focus();
      return { error };
    }
    this.#submitted = true;
    return { selectedPaymentMethod };
  }

  mountedPaymentElement(caller) {
    const element = this.getElement("payment");
    if (element?.isMounted) return element;
    throw new IntegrationError(`${caller}() needs a mounted Payment Element. Mount it, and keep it on the page.`);
  }

  forget(element) {
    this.#elements.delete(element.type);
  }

  frameOptions() {
    const { clientSecret, appearance, locale, setupFutureUsage } = this.options;
    return { caller: this.#caller, clientSecret, appearance, locale, setupFutureUsage };
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
  if (clientSecret !== undefined) checkClientSecret(clientSecret, "elements()");
}

function checkDeferredOptions({ mode, amount, currency }) {
  if (mode === undefined) {
    throw new IntegrationError("elements() needs a clientSecret, or a mode, amount and currency.");
  }
  if (mode !== "payment") throw new IntegrationError(`elements({mode: "${mode}"}) is not in this sandbox yet.`);
  if (!Number.isInteger(amount) || amount <= 0) {
    throw new IntegrationError("elements() needs an amount: a positive integer in the currency's smallest unit.");
  }
  if (!/^[a-z]{3}$/.test(currency ?? "")) {
    throw new IntegrationError("elements() needs a three-letter lower-case currency.");
  }
}

function checkClientSecret(clientSecret, caller) {
  if (typeof clientSecret === "string" && /^pi_\w+_secret_\w+$/.test(clientSecret)) return;
  const what = /^(seti|cs)_\w+_secret_/.test(clientSecret) ? "is not in this sandbox yet" : "has an unknown form";
  throw new IntegrationError(`The clientSecret given to ${caller} ${what}. Expected: pi_…_secret_….`);
}
