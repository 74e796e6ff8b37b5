// The Payment Element. All of its fields live in its frame; this side never sees a card number.
class PaymentElement extends Element {
  static needsAmount = true;
  page = "elements-inner-payment";
  title = "Secure payment input frame";
  selectedPaymentMethod = "card";
  events = ["carddetailschange", "availablepaymentmethodschange", "savedpaymentmethodremove"];

  // In pixels: what the form measures in the default appearance, so that nothing below it moves when it loads.
  // Narrow forms give country and ZIP code a row each.
  expectedHeight(width) {
    const tabs = layoutOf(this.options.layout).type === "tabs";
    return (tabs ? 310 : 306) + (width < 352 ? 79 : 0);
  }

  frameOptions() {
    const sent = super.frameOptions();
    return {
      ...sent,
      options: { ...sent.options, layout: layoutOf(this.options.layout) },
      addressIsElsewhere: ["address", "billingAddress"].some(
        (key) => this.elements.getElement(key)?.options.mode === "billing",
      ),
      postalCodeCountries: since("clover") ? ["US"] : ["US", "CA", "GB", "PR"],
    };
  }

  async createPaymentMethod(extra) {
    const answer = await this.frame.call("createPaymentMethod", extra);
    if (answer.error?.type === "validation_error") this.focus();
    return answer;
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
