// stripe.paymentRequest(): no browser has a wallet here, so canMakePayment() says null and no sheet opens.
class PaymentRequest extends Emitter {
  constructor({ country, currency, total } = {}) {
    super();
    if (!country || !currency || !Number.isInteger(total?.amount)) {
      throw new IntegrationError("paymentRequest() needs a country, a currency and a total: {label, amount}.");
    }
  }

  async canMakePayment() {
    return null;
  }

  show() {
    throw new IntegrationError("canMakePayment() resolved with null: there is no wallet to show.");
  }

  isShowing() {
    return false;
  }

  update() {}

  abort() {}
}

// Mounted only where canMakePayment() found a wallet; there is none to show a button for.
class PaymentRequestButtonElement extends Element {
  mount() {
    return this;
  }
}

function paymentRequest(caller, options) {
  return new PaymentRequest(options);
}
