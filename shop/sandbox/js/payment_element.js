// The Payment Element. All of its fields live in its frame; this side never sees a card number.
class PaymentElement extends Element {
  static needsAmount = true;
  page = "elements-inner-payment";
  title = "Secure payment input frame";
  selectedPaymentMethod = "card";
  events = ["carddetailschange", "availablepaymentmethodschange", "savedpaymentmethodremove"];

  // In pixels: what the card form and the list around it measure in the default appearance, so that nothing below
  // moves when they load. Narrow forms give country and ZIP code a row each. An intent that was not asked yet is
  // taken to be one in dollars.
  expectedHeight(width) {
    const { type, visibleAccordionItemsCount: most = 5 } = layoutOf(this.options.layout);
    const known = this.elements.paymentMethodTypes ?? typesFor({});
    const count = offerable(known, this.options.paymentMethodOrder).length || 1;
    const narrow = width < 352 ? 79.1 : 0;
    if (type === "tabs") {
      const rows = Math.ceil(count / Math.max(1, Math.floor((width + 8) / 160)));
      return Math.ceil(309.67 + narrow + 68.39 * (rows - 1));
    }
    const shown = Math.min(count, most || count);
    return Math.ceil(305.67 + narrow + 51.39 * (shown - 1) + (shown < count ? 44 : 0));
  }

  frameOptions() {
    const sent = super.frameOptions();
    return {
      ...sent,
      options: { ...sent.options, layout: layoutOf(this.options.layout) },
      paymentMethodTypes: this.elements.paymentMethodTypes,
      emailIsElsewhere: Boolean(this.elements.checkout ?? this.elements.getElement("linkAuthentication")),
      idealBanks: since("clover") ? [] : banksOf("idealBank"),
      addressIsElsewhere: ["address", "billingAddress"].some(
        (key) => this.elements.getElement(key)?.options.mode === "billing",
      ),
      postalCodeCountries: since("clover") ? ["US"] : ["US", "CA", "GB", "PR"],
    };
  }

  async validate() {
    const answer = await super.validate();
    this.selectedPaymentMethod = answer.selectedPaymentMethod;
    return answer;
  }

  async createPaymentMethod(extra) {
    const answer = await this.frame.call("createPaymentMethod", extra);
    if (answer.error?.type === "validation_error") this.focus();
    if (answer.paymentMethod?.type !== "acss_debit") return answer;
    const { error } = await openBankAuthorization();
    return error ? { error } : answer;
  }

  showError(error) {
    this.frame?.call("show", error);
  }

  collapse() {
    this.frame?.call("collapse");
    return this;
  }

  // Options may hide billing fields; whoever hides one must hand in its value when confirming.
  checkHiddenFields(given = {}, verb) {
    for (const path of hiddenBillingFields(this.options.fields?.billingDetails)) {
      const value = path.split(".").reduce((inner, name) => inner?.[name], given);
      if (value === undefined) {
        throw new IntegrationError(
          `fields.billingDetails.${camelCase(path)} is "never", so confirmParams.payment_method_data.` +
            `billing_details.${path} must be given to ${verb}().`,
        );
      }
    }
  }
}

const ADDRESS = ["line1", "line2", "city", "state", "country", "postal_code"].map((name) => `address.${name}`);

function hiddenBillingFields(fields = "auto") {
  if (fields === "never") return ["name", "email", "phone", ...ADDRESS];
  if (fields === "auto") return [];
  const plain = ["name", "email", "phone"].filter((name) => fields[name] === "never");
  if (fields.address === "never") return [...plain, ...ADDRESS];
  return [...plain, ...ADDRESS.filter((path) => fields.address?.[camelCase(path.slice(8))] === "never")];
}

function camelCase(name) {
  return name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
}

// Tabs until basil, an accordion since, where the page does not say.
function layoutOf(option) {
  const given = typeof option === "object" ? option : { type: option };
  const type = ["tabs", "accordion"].includes(given.type) ? given.type : since("basil") ? "accordion" : "tabs";
  if (since("dahlia") && typeof given.radios === "boolean") {
    throw new IntegrationError('layout.radios is "always", "never" or "auto"; it is no longer true or false.');
  }
  return { ...given, type };
}
