// The address form: which fields a country has, what is missing, and the address as Stripe writes it.
class AddressForm {
  #revealed = false;
  #phone = { shown: false, required: false };

  constructor(changed) {
    const names = ["name", "country", "addressLine1", "addressLine2", "locality", "administrativeArea", "phone"];
    const checks = Object.fromEntries(names.map((name) => [name, needed(name)]));
    checks.addressLine2 = () => undefined;
    checks.phone = (text) => (this.#phone.required ? needed("phone")(text) : undefined);
    checks.postalCode = (text) => checkPostalCode(text, this.country);
    this.fields = {};
    for (const name of [...names.slice(0, 6), "postalCode", "phone"]) {
      this.fields[name] = new Field(name, { check: checks[name] });
    }
    this.fields.country.input.addEventListener("input", () => this.#arrange());
    // The rest of the form appears once there is a street to go with it.
    this.fields.addressLine1.input.addEventListener("input", () => this.reveal());
    document.querySelector("form").addEventListener("input", changed);
  }

  get country() {
    return this.fields.country.input.value;
  }

  configure({ allowedCountries, defaultValues = {}, fields, validation }, first) {
    this.#phone = {
      shown: fields?.phone === "always",
      required: fields?.phone === "always" && validation?.phone?.required === "always",
    };
    if (first) this.#prefill(allowedCountries, defaultValues);
    this.#arrange(first ? defaultValues.address?.state : undefined);
  }

  reveal() {
    if (this.#revealed) return;
    this.#revealed = true;
    this.#arrange();
  }

  get isEmpty() {
    return ["name", "addressLine1", "locality", "postalCode"].every((name) => this.fields[name].isEmpty);
  }

  get isComplete() {
    return this.#revealed && Object.values(this.fields).every((field) => !field.check());
  }

  // {} or {error}; every field shows what is wrong with it.
  validate() {
    this.reveal();
    const problems = Object.values(this.fields).map((field) => {
      const found = field.check();
      field.show(found);
      return found;
    });
    const first = problems.find(Boolean);
    return first ? { error: { type: "validation_error", ...first } } : {};
  }

  get value() {
    const typed = (name) => (this.fields[name].isShown ? this.fields[name].input.value.trim() : "");
    const address = {
      line1: typed("addressLine1"),
      line2: typed("addressLine2") || null,
      city: typed("locality"),
      state: typed("administrativeArea"),
      postal_code: typed("postalCode"),
      country: this.country,
    };
    return { name: typed("name"), address, ...(this.#phone.shown && { phone: typed("phone") }) };
  }

  focus() {
    const fields = Object.values(this.fields).filter((field) => field.isShown);
    (fields.find((field) => field.input.getAttribute("aria-invalid") === "true") ?? fields[0]).input.focus();
  }

  clear() {
    for (const [name, field] of Object.entries(this.fields)) if (name !== "country") field.value = "";
  }

  #prefill(allowedCountries, { name, phone, address = {} }) {
    fillCountries(this.fields.country.input, allowedCountries);
    if (address.country) this.fields.country.value = address.country;
    const given = {
      name, phone, addressLine1: address.line1, addressLine2: address.line2, locality: address.city,
      postalCode: address.postal_code,
    };
    for (const [field, text] of Object.entries(given)) if (text) this.fields[field].value = text;
    this.#revealed = Boolean(address.line1);
  }

  // Shows the fields that the country has; a state is kept while the country stays.
  #arrange(state = this.fields.administrativeArea.input.value) {
    const { administrativeArea, postalCode, phone } = this.fields;
    const region = REGIONS[this.country];
    for (const box of document.querySelectorAll("[data-further]")) box.hidden = !this.#revealed;
    fillRegions(administrativeArea.input, this.country);
    administrativeArea.value = [...administrativeArea.input.options].some(({ value }) => value === state) ? state : "";
    administrativeArea.label = region?.label ?? "State";
    postalCode.label = this.country === "US" ? "ZIP code" : "Postal code";
    if (!region) administrativeArea.input.closest(".Field").hidden = true;
    if (WITHOUT_POSTAL_CODE.includes(this.country)) postalCode.input.closest(".Field").hidden = true;
    phone.input.closest(".Field").hidden = !this.#phone.shown;
  }
}

function needed(name) {
  return (text) => (text.trim() ? undefined : problem(`incomplete_${name.toLowerCase()}`, "This field is incomplete."));
}
