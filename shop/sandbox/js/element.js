// What every kind of Element can do. A kind adds its page, its title and its own verbs.
class Element extends Emitter {
  #container;

  constructor(elements, type, options = {}) {
    super();
    this.elements = elements;
    this.type = type;
    this.options = options;
  }

  get isMounted() {
    return Boolean(this.frame?.iframe.isConnected);
  }

  mount(target) {
    const container = typeof target === "string" ? document.querySelector(target) : target;
    if (!(container instanceof HTMLElement)) {
      throw new IntegrationError(`mount() found no element on this page for ${JSON.stringify(target)}.`);
    }
    if (this.destroyed) throw new IntegrationError("This Element has been destroyed. Create a new one.");
    if (this.isMounted && container === this.#container) return this;
    this.unmount();
    this.#container = container;
    this.frame = new Frame(this.page, this.title, () => this.frameOptions());
    this.#listen(this.frame);
    this.#fill(container);
    setTimeout(() => this.emit("loaderstart", { elementType: this.type }));
    return this;
  }

  unmount() {
    this.frame?.remove();
    this.frame = undefined;
    this.#container?.replaceChildren();
    for (const state of ["empty", "complete", "invalid", "focus"]) this.#mark(state, false);
    this.#container?.classList.remove(this.options.classes?.base ?? "StripeElement");
    this.#container = undefined;
    return this;
  }

  destroy() {
    this.unmount();
    this.destroyed = true;
    this.elements.forget(this);
  }

  update(options) {
    Object.assign(this.options, options);
    this.frame?.call("update", this.frameOptions());
    return this;
  }

  focus() {
    this.frame?.iframe.focus();
    this.frame?.call("focus");
    return this;
  }

  blur() {
    this.frame?.call("blur");
    return this;
  }

  clear() {
    this.frame?.call("clear");
    return this;
  }

  // Kinds that make payment methods say how.
  createPaymentMethod() {
    throw new IntegrationError(`A "${this.type}" Element makes no payment methods.`);
  }

  // {} or {error}, and for those that collect them {value, elementMode}.
  validate() {
    return this.frame.call("validate");
  }

  showError() {}

  checkHiddenFields() {}

  frameOptions() {
    return { ...this.elements.frameOptions(), options: this.options };
  }

  // The frame is four pixels wider on each side than its fields, so that focus rings are not cut off. Its
  // colour scheme is the one its own document has: where the two differ, browsers paint it opaque.
  frameStyle() {
    return {
      display: "block", margin: "-4px", padding: "0", border: "0", width: "calc(100% + 8px)",
      "min-width": "calc(100% + 8px)", "color-scheme": "light", overflow: "hidden", "user-select": "none",
      "background-color": "transparent",
    };
  }

  // Tells the page's handlers, and shows the Element's state in the classes of its container.
  tell(event, payload = {}) {
    if (event === "change") {
      const { empty, complete, error } = payload;
      this.isComplete = Boolean(complete);
      for (const [state, holds] of Object.entries({ empty, complete, invalid: Boolean(error) })) {
        this.#mark(state, Boolean(holds));
      }
    }
    if (event === "focus" || event === "blur") this.#mark("focus", event === "focus");
    this.emit(event, { elementType: this.type, ...payload });
  }

  #mark(state, on) {
    const name = this.options.classes?.[state] ?? `StripeElement--${state}`;
    if (name) this.#container?.classList.toggle(name, on);
  }

  #fill(container) {
    const wrapper = document.createElement("div");
    wrapper.className = "__PrivateStripeElement";
    const { iframe } = this.frame;
    const height = `${this.expectedHeight(container.clientWidth)}px`;
    style(wrapper, { margin: "0", padding: "0", border: "0", display: "block", background: "transparent" });
    style(iframe, { ...this.frameStyle(), height });
    container.replaceChildren(wrapper);
    container.classList.add(this.options.classes?.base ?? "StripeElement");
    this.#mark("empty", true);
    this.frame.attach(wrapper);
  }

  #listen(frame) {
    for (const event of ["ready", "change", "focus", "blur", "escape", "loaderror", ...this.events]) {
      frame.on(event, (payload) => this.tell(event, payload));
    }
    // An empty frame leaves no hole where the page will want to say what went wrong.
    frame.on("loaderror", () => style(frame.iframe, { display: "none" }));
    frame.on("ready", () => style(frame.iframe, { display: "block" }));
    frame.on("resize", ({ height }) => style(frame.iframe, { height: `${height}px` }));
    frame.on("enter", () => this.#pressDefaultButton());
  }

  // Enter in a field does what Enter does in any form: it presses the first submit button.
  #pressDefaultButton() {
    const form = this.#container?.closest("form");
    const button = form && [...form.elements].find((control) => control.type === "submit");
    if (button && !button.disabled) button.click();
  }
}
