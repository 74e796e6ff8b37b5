// The ways of paying, in an accordion or in tabs, and the form of the one that is chosen.
class Layout {
  #root = document.getElementById("layout");
  #cardForm = document.getElementById("card");
  #methodForm = document.getElementById("method");
  #list;
  #shape;
  #types = [];
  #chosen;
  #collapsed;
  #touched = false;

  // `toggled` hears when the shopper chooses, and when a form opens or closes.
  constructor(toggled) {
    this.toggled = toggled;
  }

  // `options` are the page's: {type, defaultCollapsed, …}.
  use(options) {
    this.#collapsed ??= Boolean(options.defaultCollapsed);
    if (options.type !== this.#shape) {
      this.#shape = options.type;
      this.#park([]);
      this.#list = new (options.type === "tabs" ? Tabs : Accordion)((type) => this.#choose(type));
      this.#root.replaceChildren(this.#list.node);
    }
    this.#list.options = options;
    this.offer(this.#types);
  }

  // Shows these types and no others. The first is chosen, unless the shopper has begun with one that stays.
  offer(types) {
    if (!this.#touched || !types.includes(this.#chosen)) this.#chosen = types[0];
    this.#park(types);
    this.#types = types;
    this.#list.offer(types);
    if (types.length) this.#show();
  }

  // What the shopper has begun with stays chosen.
  keep() {
    this.#touched = true;
  }

  get types() {
    return this.#types;
  }

  get type() {
    return this.#chosen;
  }

  get button() {
    return this.#list.controlOf(this.#chosen);
  }

  get isCollapsed() {
    return this.#collapsed;
  }

  expand() {
    this.#choose(this.#chosen);
  }

  collapse() {
    if (this.#collapsed) return;
    this.#collapsed = true;
    this.#show();
    this.toggled();
  }

  #choose(type) {
    if (type === this.#chosen && !this.#collapsed) return;
    [this.#chosen, this.#collapsed] = [type, false];
    this.keep();
    this.#show();
    this.toggled();
  }

  // The card form stays where it is, so that nothing happens to who types in it when other ways of paying come.
  #show() {
    const form = this.#chosen === "card" ? this.#cardForm : this.#methodForm;
    this.#list.mark(this.#chosen, !this.#collapsed);
    this.#list.place(this.#chosen, form);
    for (const each of [this.#cardForm, this.#methodForm]) each.hidden = this.#collapsed || each !== form;
    form.setAttribute("role", this.#shape === "tabs" ? "tabpanel" : "group");
    form.setAttribute("aria-label", METHODS[this.#chosen].label);
  }

  // Takes the forms out of what will go from the list.
  #park(types) {
    const main = document.querySelector("main");
    if (!types.includes("card")) main.append(this.#cardForm);
    if (!types.includes(this.#chosen) || this.#chosen === "card") main.append(this.#methodForm);
  }
}

// A list's items by type, made where they are missing, in the order of the types.
function arrangeItems(list, items, types, make) {
  for (const [type, item] of items) {
    if (types.includes(type)) continue;
    item.remove();
    items.delete(type);
  }
  types.forEach((type, index) => {
    if (!items.has(type)) items.set(type, make(type));
    const item = items.get(type);
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
}

function copyOf(template) {
  return document.getElementById(template).content.cloneNode(true).firstElementChild;
}

// An icon of its own colours, or one in the colour of the text.
function iconOf(type) {
  const { icon } = METHODS[type];
  if (icon || type === "card") {
    const drawn = document.createElement("span");
    drawn.className = `TabIcon TabIcon--${icon ?? type}`;
    return drawn;
  }
  const logo = new Image(24, 16);
  Object.assign(logo, { src: `img/${type}.svg`, alt: "", className: "TabIcon TabIcon--logo" });
  return logo;
}
