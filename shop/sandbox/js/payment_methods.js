// What a browser may make of the details that it collects: payment methods, tokens, confirmation tokens.

// Either {elements, params}, or as the API takes it with an Element in the place of the details: {type, card}.
async function createPaymentMethod(caller, given = {}, ...rest) {
  if (typeof given === "string") {
    const [details, extra] = rest;
    return makePaymentMethod(caller, given, { ...extra, [given]: details });
  }
  if (given.elements) {
    const element = given.elements.payingElement("createPaymentMethod");
    const collected = await given.elements.collected();
    return collected.error ? collected : element.createPaymentMethod(withBilling(collected.billing_details, given.params));
  }
  if (given.element) return given.element.createPaymentMethod(given.params ?? {});
  if (!given.type) throw new IntegrationError("createPaymentMethod() needs elements, an element, or a type.");
  return makePaymentMethod(caller, given.type, given);
}

// `data` is as POST /v1/payment_methods takes it; data[type] may be an Element, which keeps what was typed in it.
async function makePaymentMethod(caller, type, data) {
  const { [type]: details, ...rest } = data;
  if (details instanceof Element) return details.createPaymentMethod({ ...rest, type });
  const { body, error } = await callApi("POST", "/v1/payment_methods", { [type]: details, ...rest, ...caller, type });
  return error ? { error } : { paymentMethod: body };
}

// Of a card Element, or of other details by their kind: createToken("bank_account", {…}).
async function createToken(caller, given, data = {}) {
  if (given instanceof Element) return given.createToken(data);
  if (typeof given !== "string") throw new IntegrationError("createToken() needs an Element or a kind of token.");
  const { body, error } = await callApi("POST", "/v1/tokens", { [given]: data, ...caller });
  return error ? { error } : { token: body };
}

async function createConfirmationToken(caller, { elements, element, params = {} } = {}) {
  if (!elements && !element) throw new IntegrationError("createConfirmationToken() needs elements.");
  const paying = element ?? elements.payingElement("createConfirmationToken");
  if (elements && !elements.isSubmitted) {
    throw new IntegrationError("Call elements.submit() before createConfirmationToken().");
  }
  paying.checkHiddenFields(params.payment_method_data?.billing_details, "createConfirmationToken");
  const chosen = await withPaymentMethod(paying.elements, paying, toAbsolute(params));
  if (chosen.error) return chosen;
  const { setupFutureUsage } = paying.elements.options;
  const sent = { ...(setupFutureUsage && { setup_future_usage: setupFutureUsage }), ...chosen.parameters, ...caller };
  const { body, error } = await callApi("POST", "/v1/confirmation_tokens", sent);
  return error ? { error } : { confirmationToken: body };
}
