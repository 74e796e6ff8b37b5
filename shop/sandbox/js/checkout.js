// stripe.initCheckoutElementsSdk(): Elements whose payment is a Checkout Session. The session is loaded at once;
// what the page may do with it is what loadActions() resolves with.
class Checkout extends Emitter {
  #caller;
  #elements;
  #loaded;
  #told;

  constructor(caller, { clientSecret, elementsOptions = {}, defaultValues = {} } = {}) {
    super();
    if (!clientSecret) throw new IntegrationError("initCheckoutElementsSdk() needs a clientSecret, or a promise of one.");
    this.#caller = caller;
    this.#elements = new Elements(caller, elementsOptions);
    this.#elements.checkout = this;
    this.#loaded = this.#load(clientSecret, defaultValues);
  }

  async loadActions() {
    const error = await this.#loaded;
    if (error) return { type: "error", error: { message: error.message, code: null } };
    return { type: "success", actions: withOwnMethods(new CheckoutActions(this)) };
  }

  changeAppearance(appearance) {
    this.#elements.update({ appearance });
  }

  loadFonts() {}

  createPaymentElement(options) {
    return this.#create("payment", "payment", options);
  }

  createBillingAddressElement(options) {
    return this.#create("address", "billingAddress", { ...options, mode: "billing" });
  }

  createShippingAddressElement(options) {
    return this.#create("address", "shippingAddress", { ...options, mode: "shipping" });
  }

  createCurrencySelectorElement() {
    return this.#create("currencySelector", "currencySelector", {});
  }

  getPaymentElement() {
    return this.#elements.getElement("payment");
  }

  getBillingAddressElement() {
    return this.#elements.getElement("billingAddress");
  }

  getShippingAddressElement() {
    return this.#elements.getElement("shippingAddress");
  }

  getCurrencySelectorElement() {
    return this.#elements.getElement("currencySelector");
  }

  get elements() {
    return this.#elements;
  }

  get session() {
    return sessionOf(this.page, this.#canConfirm);
  }

  // Asks the session's private routes; keeps and tells what they answer. Resolves {} or {error}.
  async ask(method, path = "", parameters = {}) {
    const sent = { ...parameters, ...this.#caller, client_secret: this.secret };
    const { body, error } = await callApi(method, `/v1/payment_pages/${idOf(this.secret)}${path}`, sent);
    if (error) return { error };
    this.page = body;
    this.#elements.tellAll();
    this.tell();
    return {};
  }

  // Tells the page's handlers, when the session is not what they were told last.
  tell() {
    const session = this.page && JSON.stringify(this.session);
    if (!session || session === this.#told) return;
    this.#told = session;
    this.emit("change", this.session);
  }

  get caller() {
    return this.#caller;
  }

  async #load(clientSecret, defaultValues) {
    try {
      this.secret = await clientSecret;
      checkClientSecret(this.secret, "initCheckoutElementsSdk()", [{ prefix: "cs" }]);
    } catch (error) {
      return error;
    }
    const { error } = await this.ask("GET");
    if (!error && defaultValues.email && !this.page.email) {
      await this.ask("POST", "", { email: defaultValues.email });
    }
    return error;
  }

  #create(type, key, options = {}) {
    const element = this.#elements.make(type, key, options);
    element.on("change", () => this.tell());
    element.on("select", ({ currency }) => this.ask("POST", "", { currency }));
    return element;
  }

  // Everything is there that the shopper has to give.
  get #canConfirm() {
    const asked = ["payment", "billingAddress", "shippingAddress"].map((key) => this.#elements.getElement(key));
    const complete = asked.filter(Boolean).every((element) => element.isComplete);
    return this.page.status === "open" && Boolean(this.page.email) && Boolean(asked[0]) && complete;
  }
}

function initCheckoutElementsSdk(caller, options) {
  return withOwnMethods(new Checkout(caller, options));
}

// React's wrapper hands on copies of what it is given: a spread copies what an object has itself, and binds nothing.
function withOwnMethods(object) {
  const kind = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object));
  for (const [name, { value }] of Object.entries(kind)) {
    if (typeof value === "function" && name !== "constructor") object[name] = value.bind(object);
  }
  return object;
}
