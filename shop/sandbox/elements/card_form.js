// The card form: its fields, whether they are complete, and the payment method that they make.
class CardForm {
  #form = document.getElementById("card-form");

  constructor(changed) {
    fillCountries(document.getElementById("Field-countryInput"));
    this.fields = {
      number: new Field("number", { check: checkNumber, format: formatNumber, full: isFullNumber }),
      expiry: new Field("expiry", { check: checkExpiry, format: formatExpiry, full: isFullExpiry }),
      cvc: new Field("cvc", {
        check: (text) => checkCvc(text, this.brand),
        format: digitsOnly(() => this.brand.cvc),
      }),
      country: new Field("country", { check: () => undefined }),
      postalCode: new Field("postalCode", {
        check: (text) => checkPostalCode(text, this.fields.country.input.value),
      }),
    };
    this.fields.number.input.addEventListener("input", () => this.#showBrand());
    this.fields.country.input.addEventListener("input", () => this.#showPostalCode());
    this.#form.addEventListener("input", changed);
  }

  get brand() {
    return brandOf(digitsOf(this.fields.number.input.value));
  }

  get isEmpty() {
    const { number, expiry, cvc, postalCode } = this.fields;
    return [number, expiry, cvc, postalCode].every((field) => field.isEmpty);
  }

  get isComplete() {
    return Object.values(this.fields).every((field) => !field.check());
  }

  validate() {
    return validateFields(this.fields);
  }

  // Shows what the API said at the field that it is about.
  showError({ message, param, code }) {
    const about = param ?? code ?? "";
    const places = { expiry: /exp(_|iry)/, cvc: /cvc/, postalCode: /zip|postal/ };
    const place = Object.keys(places).find((name) => places[name].test(about)) ?? "number";
    this.fields[place].show({ message });
  }

  focus() {
    focusField(this.fields);
  }

  clear() {
    for (const name of ["number", "expiry", "cvc", "postalCode"]) this.fields[name].value = "";
    this.#showBrand();
  }

  // Of defaultValues.billingDetails.address.
  prefill({ country, postal_code } = {}) {
    if (country) this.fields.country.value = country;
    if (postal_code) this.fields.postalCode.value = postal_code;
  }

  // `hidden` says which of country and postalCode the page collects itself.
  configure({ hidden, readOnly, postalCodeCountries }) {
    this.hidden = hidden;
    this.postalCodeCountries = postalCodeCountries;
    for (const field of Object.values(this.fields)) field.input.disabled = Boolean(readOnly);
    this.fields.country.input.closest(".Field").hidden = hidden.country;
    this.#showPostalCode();
    this.#showBrand();
  }

  get billingDetails() {
    const { country, postalCode } = this.fields;
    return {
      address: {
        country: country.isShown ? country.input.value : undefined,
        postal_code: postalCode.isShown ? postalCode.input.value.trim() : undefined,
      },
    };
  }

  // As POST /v1/payment_methods takes it. Only the API ever gets to see this.
  get paymentMethod() {
    const [month, year] = this.fields.expiry.input.value.split(" / ").map(Number);
    return {
      type: "card",
      card: {
        number: digitsOf(this.fields.number.input.value),
        exp_month: month,
        exp_year: 2000 + year,
        cvc: this.fields.cvc.input.value,
      },
      billing_details: this.billingDetails,
    };
  }

  // Few countries are asked for a postal code; how many depends on the train.
  #showPostalCode() {
    const { country, postalCode } = this.fields;
    const asked = !this.hidden.postalCode && this.postalCodeCountries.includes(country.input.value);
    postalCode.input.closest(".Field").hidden = !asked;
    postalCode.label = country.input.value === "US" ? "ZIP code" : "Postal code";
  }

  #showBrand() {
    const { name, label, cvc } = this.brand;
    const known = name !== "unknown";
    for (const icon of document.querySelectorAll("#brands img")) icon.hidden = known && icon.dataset.brand !== name;
    document.getElementById("brands").dataset.brand = name;
    document.getElementById("brand-name").textContent = known ? label : "";
    this.fields.cvc.input.maxLength = cvc;
  }
}
