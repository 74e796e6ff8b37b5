// The form of every way of paying but cards. Its fields are those that any of them asks for; shown are those of the
// one that was chosen, and what was typed stays when the shopper changes to another.
class MethodForm {
  #form = document.getElementById("method-form");
  #error = document.getElementById("method-error");
  #type;
  #hidden = {};

  constructor(changed) {
    const digits = (limit) => digitsOnly(() => limit);
    this.fields = {
      name: new Field("name", { check: checkName }),
      email: new Field("email", { check: checkEmail }),
      iban: new Field("iban", { check: checkIban, full: isFullIban }),
      bank: new Field("bank", { check: checkBank }),
      routingNumber: new Field("routingNumber", {
        check: checkRoutingNumber, format: digits(9), full: (text) => text.length === 9,
      }),
      accountNumber: new Field("accountNumber", { check: checkAccountNumber, format: digits(17) }),
    };
    groupInFours(this.fields.iban.input);
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("input", () => {
      this.#say("");
      changed();
    });
  }

  // Shows the fields of this type, and forgets what was wrong with those of another.
  use(type) {
    if (type !== this.#type) for (const field of Object.values(this.fields)) field.show(undefined);
    this.#type = type;
    this.#say("");
    this.#showFields();
  }

  // `hidden` says which of name and email the page collects itself; `banks` are those to choose from, if any.
  configure({ hidden, readOnly, banks }) {
    const { input } = this.fields.bank;
    if (!input.options.length) {
      input.replaceChildren(new Option("Select bank", ""), ...banks.map(({ value, text }) => new Option(text, value)));
    }
    this.#hidden = { ...hidden, bank: !banks.length };
    for (const field of Object.values(this.fields)) field.input.disabled = Boolean(readOnly);
    this.#showFields();
  }

  // Of defaultValues.billingDetails.
  prefill({ name, email } = {}) {
    if (name) this.fields.name.value = name;
    if (email) this.fields.email.value = email;
  }

  get isEmpty() {
    const shown = shownOf(this.fields);
    return shown.length > 0 && shown.every((field) => field.isEmpty);
  }

  get isComplete() {
    return Object.values(this.fields).every((field) => !field.check());
  }

  validate() {
    return validateFields(this.fields);
  }

  focus() {
    focusField(this.fields);
  }

  clear() {
    for (const field of Object.values(this.fields)) field.value = "";
  }

  // Shows what the API said at the field that it is about, or below them all.
  showError({ message, param }) {
    const places = { iban: /iban/, routingNumber: /routing/, accountNumber: /account_number/, email: /email/, name: /name/ };
    const place = Object.keys(places).find((name) => this.fields[name].isShown && places[name].test(param ?? ""));
    if (place) this.fields[place].show({ message });
    else this.#say(message);
  }

  get billingDetails() {
    const { name, email } = this.fields;
    const typed = (field) => (field.isShown && !field.isEmpty ? field.input.value.trim() : undefined);
    return { name: typed(name), email: typed(email) };
  }

  // As POST /v1/payment_methods takes it.
  get paymentMethod() {
    const typed = Object.fromEntries(Object.entries(this.fields).map(([name, { input }]) => [name, input.value]));
    const details = METHODS[this.#type].details?.(typed);
    return { type: this.#type, [this.#type]: details, billing_details: this.billingDetails };
  }

  #showFields() {
    const { asks = [] } = METHODS[this.#type] ?? {};
    for (const [name, { input }] of Object.entries(this.fields)) {
      input.closest(".Field").hidden = this.#hidden[name] || !asks.includes(name);
    }
    this.#form.hidden = !shownOf(this.fields).length;
  }

  #say(message) {
    this.#error.textContent = message;
    this.#error.hidden = !message;
  }
}
