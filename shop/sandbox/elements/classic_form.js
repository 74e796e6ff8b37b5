// What the pages of classic Elements have in common: fields without labels or messages of their own, whose
// state the embedding page hears of and may style.
class ClassicField {
  constructor(name, { check, format, full = () => false }) {
    this.input = document.querySelector(`[name="${name}"]`);
    this.check = () => (this.input.hidden ? undefined : check(this.input.value));
    if (format) keepFormatted(this.input, format);
    this.input.addEventListener("input", () => (this.problem = full(this.input.value) ? this.check() : undefined));
    this.input.addEventListener("blur", () => (this.problem = this.input.value ? this.check() : undefined));
  }

  #problem;

  get problem() {
    return this.#problem;
  }

  set problem(found) {
    this.#problem = found;
    this.input.setAttribute("aria-invalid", String(Boolean(found)));
    this.input.classList.toggle("is-invalid", Boolean(found));
    this.input.classList.toggle("is-empty", !this.input.value);
    this.input.classList.toggle("is-complete", Boolean(this.input.value) && !this.check());
  }
}

class ClassicForm {
  #channel = new Channel();
  #fields;
  #kind;

  // `kind` has type, details() and billing() for the API, and configure(options) and event() for the page.
  constructor(fields, kind) {
    this.#fields = fields;
    this.#kind = kind;
    document.querySelector("form").addEventListener("input", () => this.#report());
    document.querySelector("form").addEventListener("focusout", () => setTimeout(() => this.#report()));
    document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    this.#channel.open((sent) => this.#start(sent), {
      update: (changed) => this.#configure(changed),
      focus: () => this.#shown[0].input.focus(),
      blur: () => document.activeElement?.blur(),
      clear: () => this.#clear(),
      validate: () => this.validate(),
      createPaymentMethod: (data) => this.#create("/v1/payment_methods", "paymentMethod", this.#method(data)),
      createToken: (data) => this.#create("/v1/tokens", "token", { card: { ...kind.details(), ...data } }),
    });
  }

  get #shown() {
    return this.#fields.filter(({ input }) => !input.hidden);
  }

  // Every field shows what is wrong with it; {} or {error}.
  validate() {
    for (const field of this.#shown) field.problem = field.check();
    this.#report();
    const found = (this.#kind.others?.() ?? []).concat(this.#shown).find(({ problem }) => problem)?.problem;
    return found ? { error: { type: "validation_error", ...found } } : {};
  }

  #start(sent) {
    this.#configure(sent);
    reportOn(this.#channel);
    reportHeight(this.#channel);
    this.#channel.emit("ready");
  }

  #configure(sent) {
    this.settings = sent;
    const { style = {}, disabled = false } = sent.options;
    clearRules();
    for (const [state, declarations] of Object.entries(style)) styleState(state, declarations);
    for (const { input } of this.#fields) input.disabled = disabled;
    this.#kind.configure(sent);
  }

  #clear() {
    for (const field of this.#fields) {
      field.input.value = "";
      field.problem = undefined;
    }
    this.#report();
  }

  #method({ billing_details: given, ...data }) {
    const { type } = this.#kind;
    return { ...data, type, [type]: this.#kind.details(), billing_details: withBilling(this.#kind.billing(), given) };
  }

  async #create(path, name, parameters) {
    const { error: incomplete } = this.validate();
    if (incomplete) return { error: incomplete };
    const { body, error } = await callApi("POST", path, { ...parameters, ...this.settings.caller });
    return error ? { error } : { [name]: body };
  }

  #report() {
    const shown = this.#shown;
    const { problem } = shown.find((field) => field.problem) ?? {};
    this.#channel.emit("change", {
      empty: shown.every(({ input }) => !input.value),
      complete: shown.every((field) => !field.check()),
      error: problem && { type: "validation_error", ...problem },
      ...this.#kind.event(),
    });
  }
}

function withBilling(collected = {}, given = {}) {
  return { ...collected, ...given, address: { ...collected.address, ...given.address } };
}

// base, complete, empty, invalid; within each, pseudo-classes such as ":focus" and "::placeholder".
function styleState(state, declarations) {
  const selector = state === "base" ? ".InputElement" : `.InputElement.is-${state}`;
  const plain = Object.entries(declarations).filter(([, value]) => typeof value !== "object");
  addRule(selector, Object.fromEntries(plain));
  for (const [pseudo, inner] of Object.entries(declarations)) {
    if (typeof inner === "object" && /^::?[a-z-]+$/.test(pseudo)) addRule(selector + pseudo, inner);
  }
}
