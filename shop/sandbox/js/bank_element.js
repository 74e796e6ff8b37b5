// The Elements that let the shopper choose a bank: a button in one frame, and while it is open a list in another.
const BANKS = {
  idealBank: ["ideal", "abn_amro ABN AMRO|asn_bank ASN Bank|bunq bunq|ing ING Bank|knab Knab|n26 N26|rabobank Rabobank|" +
    "regiobank RegioBank|revolut Revolut|sns_bank SNS Bank|triodos_bank Triodos Bank|van_lanschot Van Lanschot"],
  epsBank: ["eps", "bank_austria Bank Austria|bawag_psk_ag BAWAG P.S.K. AG|erste_bank_und_sparkassen Erste Bank|" +
    "oberbank_ag Oberbank AG|raiffeisen_bankengruppe_osterreich Raiffeisen Bankengruppe"],
  p24Bank: ["p24", "alior_bank Alior Bank|bank_millennium Bank Millennium|ing ING Bank Śląski|mbank_mtransfer mBank|" +
    "santander_przelew24 Santander"],
  fpxBank: ["fpx", "affin_bank Affin Bank|ambank AmBank|cimb CIMB Clicks|hsbc HSBC Bank|maybank2u Maybank2U"],
};

function banksOf(type) {
  return BANKS[type][1].split("|").map((line) => ({
    value: line.slice(0, line.indexOf(" ")), text: line.slice(line.indexOf(" ") + 1),
  }));
}

class BankElement extends Element {
  page = "elements-inner-bank-button";
  events = ["toggle"];
  #list;
  #chosen;

  constructor(elements, type, options) {
    super(elements, type, options);
    this.on("toggle", () => (this.#list ? this.#close() : this.#open()));
  }

  get title() {
    return `Secure ${BANKS[this.type][0]} bank button frame`;
  }

  expectedHeight() {
    return 20;
  }

  frameStyle() {
    return { ...super.frameStyle(), margin: "0", width: "100%", "min-width": "100%" };
  }

  unmount() {
    this.#close();
    return super.unmount();
  }

  createPaymentMethod(data) {
    const [type] = BANKS[this.type];
    const details = this.#chosen ? { bank: this.#chosen } : {};
    return makePaymentMethod(this.elements.caller, type, { ...data, [type]: details });
  }

  #open() {
    const banks = banksOf(this.type);
    const title = `Secure ${BANKS[this.type][0]} bank list frame`;
    this.#list = new Frame("elements-inner-bank-list", title, () => ({ banks }));
    style(this.#list.iframe, { display: "block", width: "100%", height: "240px", border: "0", "color-scheme": "light" });
    this.#list.on("chosen", (bank) => this.#choose(bank));
    this.#list.on("escape", () => this.#close());
    this.#list.attach(this.frame.iframe.parentElement);
    this.#list.connected.then(() => this.#list?.iframe.focus());
  }

  #choose({ value, text }) {
    this.#chosen = value;
    this.frame.call("choose", { text });
    this.#close();
    this.tell("change", { empty: false, complete: true, value });
  }

  // A frame that goes while it is being clicked leaves the click unfinished for whoever automates the browser.
  #close() {
    const list = this.#list;
    this.#list = undefined;
    if (!list) return;
    style(list.iframe, { display: "none" });
    setTimeout(() => list.remove(), 500);
  }
}
