// The Elements that are a line of input each and nothing else: what frames them is the page's own style.
const CLASSIC = {
  card: ["elements-inner-card", "Secure card payment input frame"],
  cardNumber: ["elements-inner-card", "Secure card number input frame"],
  cardExpiry: ["elements-inner-card", "Secure expiration date input frame"],
  cardCvc: ["elements-inner-card", "Secure CVC input frame"],
  iban: ["elements-inner-iban", "Secure IBAN input frame"],
  auBankAccount: ["elements-inner-au-bank-account", "Secure bank account input frame"],
};

class ClassicElement extends Element {
  events = [];

  get page() {
    return CLASSIC[this.type][0];
  }

  get title() {
    return CLASSIC[this.type][1];
  }

  // One line of text.
  expectedHeight() {
    return Math.ceil((parseFloat(this.options.style?.base?.fontSize) || 16) * 1.2);
  }

  frameStyle() {
    return { ...super.frameStyle(), margin: "0", width: "100%", "min-width": "100%" };
  }

  frameOptions() {
    return { ...super.frameOptions(), type: this.type, group: this.elements.id };
  }

  createPaymentMethod(data) {
    return this.frame.call("createPaymentMethod", data);
  }

  createToken(data) {
    return this.frame.call("createToken", data);
  }
}
