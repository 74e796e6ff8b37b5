// The cards that a customer has saved, as far as the customer session lets this page show them; and the box
// that saves a new one.
class SavedCards {
  #section = document.getElementById("saved");
  #list = document.getElementById("saved-list");
  #save = document.getElementById("save");
  #cards = [];
  #features = {};
  #isCard = true;

  // `changed` hears of every choice, `removed` of each card that the shopper takes away.
  constructor(changed, removed) {
    this.changed = changed;
    this.removed = removed;
    this.#section.addEventListener("change", () => this.#reflect());
    document.getElementById("save-input").addEventListener("change", changed);
  }

  // Resolves {} or {error}.
  async load(caller, clientSecret) {
    if (!clientSecret) return {};
    this.caller = { ...caller, client_secret: clientSecret };
    const session = await callApi("GET", "/v1/customer_sessions/current", this.caller);
    if (session.error) return session;
    this.#features = session.body.components.payment_element.features ?? {};
    const cards = await callApi("GET", "/v1/customer_sessions/payment_methods", this.caller);
    if (cards.error) return cards;
    this.#cards = cards.body.data.filter(({ type }) => type === "card");
    return {};
  }

  // Shows them, once it is known that the payment allows cards.
  offer(types) {
    if (this.caller && types.includes("card")) this.#show(this.#cards);
  }

  // The box that saves a new card is of no use to other ways of paying.
  offerSaving(isCard) {
    this.#isCard = isCard;
    this.#save.hidden = Boolean(this.chosen) || !isCard || this.#features.payment_method_save !== "enabled";
  }

  // The saved card that was chosen; undefined means a new one.
  get chosen() {
    const id = this.#list.querySelector("input:checked")?.value;
    return this.#cards.find((card) => card.id === id);
  }

  // How a new card is to be used again, when the shopper wants it saved.
  get saving() {
    const wanted = !this.chosen && !this.#save.hidden && document.getElementById("save-input").checked;
    return wanted ? (this.#features.payment_method_save_usage ?? "on_session") : undefined;
  }

  #show(cards) {
    this.#cards = cards;
    this.#section.hidden = !cards.length;
    this.#list.replaceChildren(...cards.map((card) => this.#itemFor(card)), this.#itemFor());
    this.#list.querySelector("input").checked = true;
    this.#reflect();
  }

  #itemFor(card) {
    const copy = document.getElementById("saved-card").content.cloneNode(true);
    const [label, remove] = [copy.querySelector("span"), copy.querySelector("button")];
    copy.querySelector("input").value = card?.id ?? "";
    label.textContent = card ? describe(card) : "New payment method";
    remove.hidden = !card || this.#features.payment_method_remove !== "enabled";
    if (card) remove.setAttribute("aria-label", `Remove ${describe(card)}`);
    remove.addEventListener("click", () => this.#remove(card));
    return copy;
  }

  async #remove(card) {
    const path = `/v1/customer_sessions/payment_methods/${card.id}/detach`;
    const { error } = await callApi("POST", path, this.caller);
    if (!error) this.#show(this.#cards.filter(({ id }) => id !== card.id));
    this.removed(card, error);
  }

  #reflect() {
    document.getElementById("layout").hidden = Boolean(this.chosen);
    this.offerSaving(this.#isCard);
    this.changed();
  }
}

function describe({ card }) {
  const brand = BRANDS.find(({ name }) => name === card.brand)?.label ?? card.brand;
  return `${brand} ending in ${card.last4}, ${String(card.exp_month).padStart(2, "0")}/${card.exp_year % 100}`;
}
