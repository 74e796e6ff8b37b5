// The window in which a shopper agrees to debits and chooses an account. Resolves {} or {error}.
async function openBankAuthorization() {
  const { error, outcome } = await openModal("bank-authorization", "Bank account authorization", {});
  if (error) return { error };
  if (outcome === "verified") return {};
  return { error: { type: "validation_error", code: "incomplete_payment_details", message: "No bank account was chosen." } };
}
