// Tabs: arrow keys, Home and End go from one to the next; the form is below them all.
class Tabs {
  node = copyOf("tabs");
  #list = this.node.querySelector("[data-list]");
  #items = new Map();

  constructor(chosen) {
    this.chosen = chosen;
    this.#list.addEventListener("keydown", (event) => this.#walk(event));
  }

  offer(types) {
    arrangeItems(this.#list, this.#items, types, (type) => this.#make(type));
  }

  mark(chosen, open) {
    for (const [type, tab] of this.#items) {
      tab.classList.toggle("Tab--selected", open && type === chosen);
      tab.setAttribute("aria-selected", String(open && type === chosen));
      tab.tabIndex = type === chosen ? 0 : -1;
    }
  }

  place(type, form) {
    if (form.parentElement !== this.node) this.node.append(form);
  }

  controlOf(type) {
    return this.#items.get(type);
  }

  #make(type) {
    const tab = copyOf("tabs-item");
    tab.id = `${type}-button`;
    tab.dataset.testid = type;
    tab.setAttribute("aria-controls", type === "card" ? "card" : "method");
    tab.querySelector(".TabIcon").replaceWith(iconOf(type));
    tab.querySelector(".TabLabel").textContent = METHODS[type].label;
    tab.addEventListener("click", () => this.chosen(type));
    return tab;
  }

  #walk(event) {
    const tabs = [...this.#list.children];
    const here = tabs.indexOf(event.target);
    const places = {
      ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1, Home: 0, End: tabs.length - 1,
    };
    if (!(event.key in places)) return;
    event.preventDefault();
    const next = tabs.at(places[event.key] % tabs.length);
    next.focus();
    next.click();
  }
}
