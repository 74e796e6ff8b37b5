// The IBAN Element's page.
const iban = new ClassicField("iban", { check: checkIban, full: isFullIban });

new ClassicForm([iban], {
  type: "sepa_debit",
  configure() {},
  details: () => ({ iban: letters(iban.input.value) }),
  billing: () => ({}),
  event: () => ({ country: letters(iban.input.value).slice(0, 2), bankName: undefined }),
});

groupInFours(iban.input);
