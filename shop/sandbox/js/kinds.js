// What elements.create() can make, by type.
const KINDS = {
  payment: PaymentElement,
  linkAuthentication: LinkAuthenticationElement,
  address: AddressElement,
  expressCheckout: ExpressCheckoutElement,
  currencySelector: CurrencySelectorElement,
};
for (const type of Object.keys(CLASSIC)) KINDS[type] = ClassicElement;
if (!since("clover")) for (const type of Object.keys(BANKS)) KINDS[type] = BankElement;
if (!since("endive")) KINDS.paymentRequestButton = PaymentRequestButtonElement;
