// Accordion or tabs around the card form. Each layout is a template; only the one in use is in the document.
class Layout {
  #type;
  #panel = document.getElementById("card");

  // Puts the form into the layout that the options ask for; `toggled(collapsed)` hears of opening and closing.
  use({ type: wanted, defaultCollapsed = false }, toggled) {
    if (this.#type === wanted) return;
    this.#type = wanted;
    const copy = document.getElementById(wanted).content.cloneNode(true);
    copy.querySelector("[data-panel]").replaceWith(this.#panel);
    document.getElementById("layout").replaceChildren(copy);
    this.#panel.setAttribute("role", wanted === "tabs" ? "tabpanel" : "region");
    this.button.addEventListener("click", () => this.#open(true, toggled));
    this.#toggled = toggled;
    this.#open(!defaultCollapsed);
  }

  #toggled;

  get button() {
    return document.getElementById("card-button");
  }

  get isCollapsed() {
    return this.#panel.hidden;
  }

  expand() {
    this.#open(true, this.#toggled);
  }

  collapse() {
    this.#open(false, this.#toggled);
  }

  #open(open, toggled) {
    const changed = open === this.#panel.hidden;
    this.#panel.hidden = !open;
    const tabs = this.#type === "tabs";
    this.button.setAttribute(tabs ? "aria-selected" : "aria-expanded", String(open));
    const item = this.button.closest(".AccordionItem, .Tab");
    item.classList.toggle(tabs ? "Tab--selected" : "AccordionItem--selected", open);
    if (changed) toggled?.(!open);
  }
}
