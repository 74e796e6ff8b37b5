// The Express Checkout Element, with simulated wallets: the same on every machine, whatever browser it has.
const WALLETS = { googlePay: ["google_pay", "card"], link: ["link", "link"], paypal: ["paypal", "paypal"] };
const CLICK_TIMEOUT = 1_000; // milliseconds that a page has to answer a click

class ExpressCheckoutElement extends Element {
  static needsAmount = true;
  page = "elements-inner-express-checkout";
  title = "Secure express checkout frame";
  events = ["click"];
  #paid;

  expectedHeight() {
    const height = this.options.buttonHeight ?? 44;
    return 8 + this.#wallets.length * height + Math.max(0, this.#wallets.length - 1) * 8;
  }

  frameOptions() {
    const { buttonHeight = 44 } = this.options;
    return { ...super.frameOptions(), wallets: this.#wallets.map((name) => WALLETS[name][0]), buttonHeight };
  }

  // Whether the shopper has just said yes in a wallet: then that is what pays, not another Element.
  get isAuthorized() {
    return Boolean(this.#paid);
  }

  async validate() {
    return {};
  }

  // What the wallet gives: a card of its own, except PayPal's.
  async createPaymentMethod({ billing_details: given, ...data }) {
    if (!this.#paid) {
      return { error: { type: "validation_error", code: "incomplete_payment_details", message: "No wallet was used." } };
    }
    const { wallet, billingDetails } = this.#paid;
    const details = wallet === "paypal" ? { type: "paypal" } : { type: "card", card: { token: "tok_visa" } };
    this.#paid = undefined;
    const billing_details = { ...billingDetails, ...given, address: { ...billingDetails.address, ...given?.address } };
    return makePaymentMethod(this.elements.caller, details.type, { ...data, ...details, billing_details });
  }

  // From the frame: a wallet's button was pressed. The page may say what its sheet should show, or refuse.
  tell(event, payload = {}) {
    if (event === "click") return this.#askPage(payload.wallet);
    return super.tell(event, payload);
  }

  #askPage(wallet) {
    let open = true;
    const once = (answer) => (given) => {
      if (open) answer(given);
      open = false;
    };
    const resolve = once((options = {}) => this.#openSheet(wallet, { ...this.options, ...options }));
    const reject = once(() => {});
    super.tell("click", { expressPaymentType: wallet, resolve, reject });
    if (!this.handles("click")) resolve();
    setTimeout(reject, CLICK_TIMEOUT);
  }

  async #openSheet(wallet, options) {
    const { amount, currency } = await this.#price();
    const total = amount === undefined ? "" : money(amount, currency);
    const { error, person } = await openModal("express-sheet", `${NAMES[wallet]} (simulated)`, { wallet, total, ...options });
    if (error || !person) return super.tell("cancel");
    const { phone, address } = person;
    const billingDetails = { name: person.name, email: person.email, ...(phone && { phone }), address };
    this.selectedPaymentMethod = wallet;
    this.#paid = { wallet, billingDetails };
    super.tell("confirm", {
      expressPaymentType: wallet,
      billingDetails,
      shippingAddress: options.shippingAddressRequired ? { name: person.name, address } : undefined,
      shippingRate: options.shippingRates?.[0],
      paymentFailed: () => (this.#paid = undefined),
    });
  }

  async #price() {
    const { clientSecret, options, caller } = this.elements;
    if (!clientSecret) return options;
    return intentIn(await retrieveIntent(caller, clientSecret)) ?? {};
  }

  // Those that the page wants and its payment allows.
  get #wallets() {
    const { paymentMethods = {} } = this.options;
    const { allowedPaymentMethodTypes, paymentMethodTypes, excludedPaymentMethodTypes = [] } = this.elements.options;
    const allowed = allowedPaymentMethodTypes ?? paymentMethodTypes;
    return Object.keys(WALLETS).filter((name) => {
      const [, type] = WALLETS[name];
      const permitted = allowed ? allowed.includes(type) : name !== "paypal" || paymentMethods.paypal === "auto";
      return permitted && !excludedPaymentMethodTypes.includes(type) && paymentMethods[name] !== "never";
    });
  }
}

const NAMES = { google_pay: "Google Pay", link: "Link", paypal: "PayPal" };
