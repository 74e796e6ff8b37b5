// What a page may do with its Checkout Session. Every action resolves {type: "success", session} or
// {type: "error", error: {message, code}}.
class CheckoutActions {
  #checkout;

  constructor(checkout) {
    this.#checkout = checkout;
  }

  getSession() {
    return this.#checkout.session;
  }

  updateEmail(email) {
    if (email === "") return refused("Your email is incomplete.", "incompleteEmail");
    if (email !== null && !/^[^\s@]+@[^\s@]+$/.test(email)) return refused("Your email is invalid.", "invalidEmail");
    return this.#update({ email: email ?? "" }, { email_invalid: "invalidEmail" });
  }

  updatePhoneNumber(number) {
    return this.#update({ phone_number: number ?? "" });
  }

  updateBillingAddress(address) {
    return this.#update({ billing_address: address });
  }

  updateShippingAddress(address) {
    return this.#update({ shipping_address: address });
  }

  updateLineItemQuantity({ lineItem, quantity }) {
    return this.#update({ line_items: [{ id: lineItem, quantity }] });
  }

  updateShippingOption(id) {
    return this.#update({ shipping_rate: id });
  }

  applyPromotionCode(code) {
    return this.#update({ promotion_code: code }, { promotion_code_invalid: "invalidCode" });
  }

  removePromotionCode() {
    return this.#update({ promotion_code: "" });
  }

  // The page's server changes the session; it is read again afterwards.
  async runServerUpdate(change) {
    await change();
    return this.#answer(await this.#checkout.ask("GET"));
  }

  async validateElements() {
    const { error } = await this.#checkout.elements.collected();
    return error ? refused(error.message, "validation_error") : this.#answer({});
  }

  async confirm(options = {}) {
    const checkout = this.#checkout;
    if (!checkout.page.email && !options.email) return refused("Your email is incomplete.", "incompleteEmail");
    const { parameters, error: incomplete } = await this.#collected(options);
    if (incomplete) return refused(incomplete.message, incomplete.code ?? null);
    const { error } = await checkout.ask("POST", "/confirm", parameters);
    const failure = error ?? (await this.#act(checkout.page.payment_intent ?? checkout.page.setup_intent));
    if (failure) return failed(failure);
    if (options.redirect === "if_required") return this.#answer({});
    return leavePage(this.#returnUrl(options));
  }

  async #collected({ email, phoneNumber, billingAddress, shippingAddress, paymentMethod, returnUrl }) {
    const { page, elements } = this.#checkout;
    const collected = await elements.collected();
    if (collected.error) return collected;
    const billing = billingAddress ?? personIn(collected.billing_details);
    const made = paymentMethod
      ? { paymentMethod: { id: paymentMethod } }
      : await elements.payingElement("confirm").createPaymentMethod({
          billing_details: { email: email ?? page.email, ...billing },
        });
    if (made.error) return made;
    const parameters = {
      email, phone_number: phoneNumber, billing_address: billing,
      shipping_address: shippingAddress ?? personIn(collected.shipping), payment_method: made.paymentMethod.id,
      expected_amount: page.amount_total, return_url: this.#returnUrl({ returnUrl }), use_stripe_sdk: true,
    };
    return { parameters };
  }

  // Takes the next step of the intent behind the session, and reads the session again.
  async #act(intent) {
    if (intent?.status !== "requires_action") return undefined;
    const { error } = await takeNextAction(this.#checkout.caller, intent);
    return error ?? (await this.#checkout.ask("GET")).error;
  }

  #returnUrl({ returnUrl }) {
    const { page } = this.#checkout;
    return returnUrl?.replace("{CHECKOUT_SESSION_ID}", page.id) ?? page.return_url;
  }

  async #update(parameters, codes = {}) {
    return this.#answer(await this.#checkout.ask("POST", "", parameters), codes);
  }

  #answer({ error }, codes = {}) {
    if (error) return refused(error.message, codes[error.code] ?? null);
    return { type: "success", session: this.#checkout.session };
  }
}

function personIn(details) {
  return details?.address ? { name: details.name, address: details.address } : undefined;
}

function refused(message, code) {
  return { type: "error", error: { message, code } };
}

function failed({ type, message, decline_code: declineCode = null }) {
  if (type !== "card_error") return refused(message, null);
  return { type: "error", error: { message, code: "paymentFailed", paymentFailed: { declineCode } } };
}
