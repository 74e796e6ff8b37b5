// What may be wrong with a card field: undefined when it is complete, else {code, message}. `incomplete_…`
// means that typing on may put it right, `invalid_…` that it will not.
function checkNumber(text) {
  const digits = digitsOf(text);
  const { lengths } = brandOf(digits);
  if (!lengths.includes(digits.length)) return problem("incomplete_number", "Your card number is incomplete.");
  if (!passesLuhn(digits)) return problem("invalid_number", "Your card number is invalid.");
}

function checkExpiry(text, today = new Date()) {
  const [month, year] = text.split(" / ").map(Number);
  if (digitsOf(text).length < 4) return problem("incomplete_expiry", "Your card's expiration date is incomplete.");
  if (month < 1) return problem("invalid_expiry_month", "Your card's expiration month is invalid.");
  const months = (2000 + year - today.getFullYear()) * 12 + month - (today.getMonth() + 1);
  if (2000 + year < today.getFullYear()) {
    return problem("invalid_expiry_year_past", "Your card's expiration year is in the past.");
  }
  if (months < 0) return problem("invalid_expiry_month_past", "Your card's expiration date is in the past.");
  if (months > 50 * 12) return problem("invalid_expiry_year", "Your card's expiration year is invalid.");
}

function checkCvc(text, brand) {
  if (text.length < brand.cvc) return problem("incomplete_cvc", "Your card's security code is incomplete.");
}

function checkPostalCode(text, country) {
  if (country === "US" && !/^\d{5}(-?\d{4})?$/.test(text.trim())) {
    return problem("incomplete_zip", "Your ZIP code is incomplete.");
  }
  if (!text.trim()) return problem("incomplete_zip", "Your postal code is incomplete.");
}

function isFullExpiry(text) {
  return digitsOf(text).length === 4;
}

function isFullNumber(text) {
  const digits = digitsOf(text);
  return digits.length === Math.max(...brandOf(digits).lengths);
}

function checkEmail(text) {
  if (!text.trim()) return problem("incomplete_email", "Your email is incomplete.");
  if (!/^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(text.trim())) return problem("invalid_email", "Your email is invalid.");
}

function problem(code, message) {
  return { code, message };
}
