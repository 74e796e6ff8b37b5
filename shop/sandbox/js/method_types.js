// Which types of payment method a payment may be made with where no intent says so yet: those that the account has for
// the currency, as far as the page wants them. ACCOUNT is what the sandbox's account has.
function typesFor({ mode, currency = "usd", setupFutureUsage, ...options }) {
  const { allowedPaymentMethodTypes: allowed, excludedPaymentMethodTypes: excluded = [], paymentMethodTypes } = options;
  if (paymentMethodTypes?.length) return paymentMethodTypes;
  const keeping = mode === "setup" || setupFutureUsage;
  return Object.keys(ACCOUNT.currencies).filter((type) => {
    const wanted = allowed ? allowed.includes(type) : ACCOUNT.automatic.includes(type) && !excluded.includes(type);
    const currencies = ACCOUNT.currencies[type];
    const works = !currencies.length || currencies.includes(currency);
    return wanted && works && !(keeping && ACCOUNT.redirects.includes(type));
  });
}
