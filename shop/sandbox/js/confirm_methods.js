// stripe.confirmCardPayment(), stripe.confirmSepaDebitPayment() and the others of their kind: one verb for each
// type of payment method, which the page names itself.
const PAYMENT_VERBS = {
  confirmAcssDebitPayment: "acss_debit",
  confirmAffirmPayment: "affirm",
  confirmAfterpayClearpayPayment: "afterpay_clearpay",
  confirmAlipayPayment: "alipay",
  confirmAuBecsDebitPayment: "au_becs_debit",
  confirmBacsDebitPayment: "bacs_debit",
  confirmBancontactPayment: "bancontact",
  confirmBlikPayment: "blik",
  confirmBoletoPayment: "boleto",
  confirmCardPayment: "card",
  confirmCashappPayment: "cashapp",
  confirmCustomerBalancePayment: "customer_balance",
  confirmEpsPayment: "eps",
  confirmFpxPayment: "fpx",
  confirmGiropayPayment: "giropay",
  confirmGrabPayPayment: "grabpay",
  confirmIdealPayment: "ideal",
  confirmKlarnaPayment: "klarna",
  confirmKonbiniPayment: "konbini",
  confirmMultibancoPayment: "multibanco",
  confirmOxxoPayment: "oxxo",
  confirmP24Payment: "p24",
  confirmPayPalPayment: "paypal",
  confirmSepaDebitPayment: "sepa_debit",
  confirmSofortPayment: "sofort",
  confirmUsBankAccountPayment: "us_bank_account",
  confirmWechatPayPayment: "wechat_pay",
};
const SETUP_VERBS = {
  confirmAcssDebitSetup: "acss_debit",
  confirmAuBecsDebitSetup: "au_becs_debit",
  confirmBancontactSetup: "bancontact",
  confirmCardSetup: "card",
  confirmCashappSetup: "cashapp",
  confirmIdealSetup: "ideal",
  confirmPayPalSetup: "paypal",
  confirmSepaDebitSetup: "sepa_debit",
  confirmSofortSetup: "sofort",
  confirmUsBankAccountSetup: "us_bank_account",
};

function methodVerbs(caller) {
  const bind = (verbs, intent) =>
    Object.entries(verbs).map(([verb, type]) => [
      verb,
      (clientSecret, data, options) => confirmMethod(caller, { verb, type, intent }, clientSecret, data, options),
    ]);
  return Object.fromEntries([...bind(PAYMENT_VERBS, PAYMENT_INTENT), ...bind(SETUP_VERBS, SETUP_INTENT)]);
}

async function confirmMethod(caller, { verb, type, intent }, clientSecret, data = {}, { handleActions = true } = {}) {
  checkClientSecret(clientSecret, `${verb}()`, [intent]);
  if (underWay.has(clientSecret)) return { error: ALREADY_UNDER_WAY };
  underWay.add(clientSecret);
  try {
    const { payment_method: given, ...rest } = data;
    const waiting = given === undefined && handleActions && (await retrieveIntent(caller, clientSecret));
    if (waiting?.error) return waiting;
    if (waiting && intentIn(waiting).status === "requires_action") return await takeNextAction(caller, intentIn(waiting));
    const chosen = await namedMethod(caller, type, given);
    const agreed = chosen.error || !asksForAccount(type, given) ? chosen : await openBankAuthorization();
    if (agreed.error) return { error: agreed.error };
    const answer = await confirmIntent(caller, clientSecret, { ...rest, ...chosen.parameters });
    return answer.error || !handleActions ? answer : await takeNextAction(caller, intentIn(answer));
  } finally {
    underWay.delete(clientSecret);
  }
}

// Canadian debits: the shopper agrees to them and chooses the account in a window of Stripe's.
function asksForAccount(type, given) {
  return type === "acss_debit" && typeof given === "object" && !given.acss_debit;
}

// An id, an Element's, or the details themselves; nothing means what is attached to the intent already.
async function namedMethod(caller, type, given) {
  if (given === undefined) return { parameters: {} };
  if (typeof given === "string") return { parameters: { payment_method: given } };
  if (!(given[type] instanceof Element)) return { parameters: { payment_method_data: { ...given, type } } };
  const { paymentMethod, error } = await makePaymentMethod(caller, type, given);
  return error ? { error } : { parameters: { payment_method: paymentMethod.id } };
}
