// One labelled field and the error beneath it. An error shows when the field is left or the form is sent, or
// at once when no further typing can mend it; it goes with the next change.
class Field {
  // `check` returns undefined or {code, message}; `format` is what keepFormatted needs.
  constructor(name, { check, format, full = () => false }) {
    this.input = document.getElementById(`Field-${name}Input`);
    this.#error = document.getElementById(`Field-${name}Error`);
    this.#label = document.querySelector(`label[for="${this.input.id}"]`);
    this.check = () => (this.isShown ? check(this.input.value) : undefined);
    if (format) keepFormatted(this.input, format);
    this.input.addEventListener("input", () => {
      this.show(full(this.input.value) ? this.check() : undefined);
      this.reflect();
    });
    this.input.addEventListener("blur", () => this.input.value && this.show(this.check()));
    this.reflect();
  }

  #error;
  #label;

  get isShown() {
    return !this.input.closest(".Field").hidden;
  }

  get isEmpty() {
    return this.input.value === "";
  }

  set label(text) {
    this.#label.textContent = text;
  }

  set value(text) {
    this.input.value = text;
    this.show(undefined);
    this.reflect();
  }

  show(problem) {
    const message = problem?.message ?? "";
    if (this.#error.textContent !== message) this.#error.textContent = message;
    this.#error.hidden = !message;
    this.input.setAttribute("aria-invalid", String(Boolean(message)));
    if (message) this.input.setAttribute("aria-describedby", this.#error.id);
    else this.input.removeAttribute("aria-describedby");
    for (const [node, name] of [[this.input, "Input"], [this.#label, "Label"]]) {
      node.classList.toggle(`${name}--invalid`, Boolean(message));
    }
  }

  // The state classes that the Appearance API can style.
  reflect() {
    this.input.classList.toggle("Input--empty", this.isEmpty);
    this.#label.classList.toggle("Label--empty", this.isEmpty);
  }
}

function shownOf(fields) {
  return Object.values(fields).filter((field) => field.isShown);
}

// {} or {error}; every field shows what is wrong with it, and the first such problem is the error.
function validateFields(fields) {
  const problems = Object.values(fields).map((field) => {
    const found = field.check();
    if (found) field.show(found);
    return found;
  });
  const first = problems.find(Boolean);
  return first ? { error: { type: "validation_error", ...first } } : {};
}

// The first field that is wrong, or else the first.
function focusField(fields) {
  const shown = shownOf(fields);
  const wrong = shown.find((field) => field.input.getAttribute("aria-invalid") === "true");
  (wrong ?? shown[0])?.input.focus();
}
