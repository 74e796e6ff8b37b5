// The ways of paying that this page can offer, by their type: what each asks of the shopper, and what it makes of
// the answers. Link is none of them: as with Stripe, it belongs to the card form.
const METHODS = {
  card: { label: "Card" },
  us_bank_account: {
    label: "US bank account", icon: "bank", asks: ["name", "email", "routingNumber", "accountNumber"], debits: true,
    details: ({ routingNumber, accountNumber }) => ({
      routing_number: routingNumber, account_number: accountNumber, account_holder_type: "individual",
    }),
  },
  sepa_debit: {
    label: "SEPA Debit", asks: ["name", "email", "iban"], debits: true, details: ({ iban }) => ({ iban: letters(iban) }),
  },
  acss_debit: { label: "Pre-authorized debit", icon: "bank", asks: ["name", "email"], debits: true },
  ideal: { label: "iDEAL", asks: ["name", "bank"], redirects: true, details: ({ bank }) => ({ bank }) },
  bancontact: { label: "Bancontact", asks: ["name"], redirects: true },
  klarna: { label: "Klarna", asks: ["email"], redirects: true },
  affirm: { label: "Affirm", redirects: true },
  afterpay_clearpay: { label: "Afterpay", asks: ["name", "email"], redirects: true },
  alipay: { label: "Alipay", redirects: true },
  cashapp: { label: "Cash App Pay", redirects: true },
};

// Those of `types` that can be offered: card first, unless the page wants another order; what it does not name
// comes after what it names.
function offerable(types, order = []) {
  const wanted = order.length ? order : ["card"];
  const rank = (type) => (wanted.includes(type) ? wanted.indexOf(type) : wanted.length);
  return types.filter((type) => METHODS[type]).sort((one, other) => rank(one) - rank(other));
}
