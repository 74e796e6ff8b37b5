// The Australian bank account Element's page.
const bsb = new ClassicField("au_bsb", { check: checkBsb, format: formatBsb, full: (text) => digitsOf(text).length === 6 });
const account = new ClassicField("au_bank_account_number", { check: checkAccount, format: digitsOnly(() => 9) });

new ClassicForm([bsb, account], {
  type: "au_becs_debit",
  configure() {},
  details: () => ({ bsb_number: digitsOf(bsb.input.value), account_number: account.input.value }),
  billing: () => ({}),
  event: () => ({ bankName: digitsOf(bsb.input.value) === "000000" ? "Stripe Test Bank" : undefined, branchName: undefined }),
});

function formatBsb(text) {
  const digits = digitsOf(text).slice(0, 6);
  return digits.length > 3 ? `${digits.slice(0, 3)}-${digits.slice(3)}` : digits;
}

function checkBsb(text) {
  if (digitsOf(text).length < 6) return problem("incomplete_au_bsb", "The BSB you entered is incomplete.");
}

function checkAccount(text) {
  if (text.length < 5) return problem("incomplete_au_bank_account_number", "Your account number is incomplete.");
}
