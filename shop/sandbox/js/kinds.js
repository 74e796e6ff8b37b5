// What elements.create() can make, by type.
const KINDS = {
  payment: PaymentElement,
  linkAuthentication: LinkAuthenticationElement,
  address: AddressElement,
};
