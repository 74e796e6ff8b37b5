// The Address Element, for where to send things (mode: shipping) or who pays (mode: billing).
class AddressElement extends Element {
  page = "elements-inner-address";
  title = "Secure address input frame";
  events = [];

  constructor(elements, type, options) {
    super(elements, type, options);
    if (!["shipping", "billing"].includes(options.mode)) {
      throw new IntegrationError('An "address" Element needs a mode: "shipping" or "billing".');
    }
  }

  expectedHeight() {
    return 234;
  }

  async getValue() {
    if (!this.isMounted) throw new IntegrationError("getValue() needs a mounted Address Element.");
    const { complete, isNewAddress, value } = await this.frame.call("value");
    return { complete, isNewAddress, value };
  }
}
