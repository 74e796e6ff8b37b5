// The Currency Selector: shown only where the session can be paid in more than one currency.
class CurrencySelectorElement extends Element {
  page = "elements-inner-currency-selector";
  title = "Secure currency selector";
  events = ["select"];

  expectedHeight() {
    return this.#currencies.length > 1 ? 58 : 0;
  }

  frameOptions() {
    const current = this.elements.checkout?.page?.currency;
    const currencies = this.#currencies.map(({ currency, amount_total: total }) => ({
      currency, amount: money(total, currency), isCurrent: currency === current,
    }));
    return { ...super.frameOptions(), currencies };
  }

  get #currencies() {
    return this.elements.checkout?.page?.currency_options ?? [];
  }
}
