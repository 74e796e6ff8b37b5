// What may be wrong with an American bank account. Only Stripe's test accounts are known here: TEST_BANK names them.
function checkRoutingNumber(text) {
  if (text.length < 9) return problem("incomplete_routing_number", "Your routing number is incomplete.");
  if (text !== TEST_BANK.routing) {
    return problem("invalid_routing_number", `There is no such bank here. The test bank's number is ${TEST_BANK.routing}.`);
  }
}

function checkAccountNumber(text) {
  if (text.length < 4) return problem("incomplete_account_number", "Your account number is incomplete.");
  if (!TEST_BANK.accounts.includes(text)) {
    const message = `There is no such account here. One of the test accounts is ${TEST_BANK.accounts[0]}.`;
    return problem("invalid_account_number", message);
  }
}

function checkName(text) {
  if (!text.trim()) return problem("incomplete_name", "Your name is incomplete.");
}

function checkBank(value) {
  if (!value) return problem("incomplete_bank", "Choose your bank.");
}
