// An accordion: a group of radio buttons, whose chosen one has its form below it.
class Accordion {
  node = copyOf("accordion");
  #list = this.node.querySelector("[data-list]");
  #more = this.node.querySelector(".AccordionMore");
  #items = new Map();
  #allShown = false;

  constructor(chosen) {
    this.chosen = chosen;
    this.#more.addEventListener("click", () => this.#showAll());
  }

  offer(types) {
    arrangeItems(this.#list, this.#items, types, (type) => this.#make(type));
    const { radios = "auto", spacedAccordionItems, paymentMethodLogoPosition } = this.options;
    const dots = radios === "auto" ? types.length > 1 : radios === "always" || radios === true;
    const looks = { radios: dots, spaced: spacedAccordionItems, logosAtEnd: paymentMethodLogoPosition === "end" };
    for (const [name, on] of Object.entries(looks)) this.node.classList.toggle(`Accordion--${name}`, Boolean(on));
    this.#hideRest();
  }

  mark(chosen, open) {
    for (const [type, item] of this.#items) {
      item.classList.toggle("AccordionItem--selected", open && type === chosen);
      this.controlOf(type).checked = open && type === chosen;
    }
    this.#hideRest();
  }

  place(type, form) {
    const item = this.#items.get(type);
    if (form.parentElement !== item) item.append(form);
  }

  controlOf(type) {
    return this.#items.get(type).querySelector(".AccordionRadio");
  }

  #make(type) {
    const item = copyOf("accordion-item");
    const [radio, label] = [item.querySelector("input"), item.querySelector("label")];
    item.querySelector(".AccordionHeader").dataset.value = type;
    item.querySelector(".TabIcon").replaceWith(iconOf(type));
    Object.assign(radio, { id: `${type}-button`, value: type });
    Object.assign(label, { htmlFor: radio.id, textContent: METHODS[type].label });
    radio.addEventListener("change", () => this.chosen(type));
    return item;
  }

  // Of a long list the page may want to see the beginning only.
  #hideRest() {
    const { visibleAccordionItemsCount: most = 5 } = this.options;
    const rest = this.#allShown || !most ? [] : [...this.#list.children].slice(most);
    const open = rest.some((item) => item.matches(".AccordionItem--selected"));
    for (const item of this.#list.children) item.hidden = !open && rest.includes(item);
    this.#more.hidden = open || !rest.length;
  }

  #showAll() {
    const first = [...this.#list.children].find((item) => item.hidden);
    this.#allShown = true;
    this.#hideRest();
    first.querySelector("input").focus();
  }
}
