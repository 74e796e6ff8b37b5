// A Checkout Session as pages see it: camelCase, and every amount both in minor units and as people write it.
// `page` is what GET /v1/payment_pages/… answers.
function sessionOf(page, canConfirm) {
  const amount = (minorUnits, currency = page.currency) => ({
    minorUnitsAmount: minorUnits,
    amount: money(minorUnits, currency),
  });
  const { amount_discount: discount, amount_shipping: shipping, amount_tax: tax } = page.total_details;
  return {
    id: page.id,
    livemode: page.livemode,
    businessName: page.display_name,
    email: page.email,
    phoneNumber: page.phone_number,
    billingAddress: page.billing_address,
    shippingAddress: page.shipping_address,
    canConfirm,
    currency: page.currency,
    currencyOptions: page.currency_options?.map((option) => optionOf(option, amount)) ?? null,
    minorUnitsAmountDivisor: 10 ** digitsOfCurrency(page.currency),
    lineItems: page.line_items.map((item) => lineItemOf(item, amount)),
    optionalItems: [],
    discountAmounts: page.discounts.map((each) => ({
      ...amount(each.amount), displayName: each.name, promotionCode: each.code, percentOff: each.percent_off,
    })),
    taxAmounts: null,
    tax: { status: "ready" },
    taxIdInfo: null,
    recurring: null,
    savedPaymentMethods: null,
    shipping: null,
    shippingOptions: page.shipping_options.map((option) => ({
      id: option.id, displayName: option.display_name, ...amount(option.amount), deliveryEstimate: option.delivery_estimate,
    })),
    surcharge: null,
    lastPaymentError: page.last_payment_error ? { message: page.last_payment_error.message } : null,
    status: statusOf(page),
    total: {
      subtotal: amount(page.amount_subtotal), discount: amount(discount ?? 0), shippingRate: amount(shipping ?? 0),
      taxExclusive: amount(tax ?? 0), taxInclusive: amount(0), appliedBalance: amount(0), surcharge: amount(0),
      balanceAppliedToNextInvoice: false, total: amount(page.amount_total),
    },
  };
}

function statusOf({ status, payment_status: paymentStatus }) {
  return status === "complete" ? { type: "complete", paymentStatus } : { type: status };
}

function optionOf({ currency, amount_total: total, fx_rate: fxRate, source_currency: sourceCurrency }, amount) {
  const currencyConversion = currency === sourceCurrency ? null : { fxRate, sourceCurrency };
  return { currency, ...amount(total, currency), currencyConversion };
}

function lineItemOf(item, amount) {
  const range = item.adjustable_quantity?.enabled ? item.adjustable_quantity : null;
  return {
    id: item.id,
    name: item.name,
    description: item.description,
    quantity: item.quantity,
    adjustableQuantity: range && { minimum: range.minimum ?? 1, maximum: range.maximum ?? 99 },
    unitAmount: amount(item.unit_amount),
    subtotal: amount(item.amount_subtotal),
    discount: amount(item.amount_discount),
    taxExclusive: amount(item.amount_tax),
    taxInclusive: amount(0),
    total: amount(item.amount_total),
    images: [],
    recurring: null,
  };
}

function money(minorUnits, currency) {
  const form = new Intl.NumberFormat("en-US", { style: "currency", currency });
  return form.format(minorUnits / 10 ** digitsOfCurrency(currency));
}

function digitsOfCurrency(currency) {
  return new Intl.NumberFormat("en-US", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
}
