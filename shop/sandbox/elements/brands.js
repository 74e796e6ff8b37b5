// Card brands by their number ranges. `lengths` are how many digits a number may have, `groups` how they are
// set apart, `cvc` how long the security code is.
const FOURS = [4, 4, 4, 4, 3];

const MASTERCARD = /^(5[1-5]|2(22[1-9]|2[3-9]|[3-6]|7[01]|720))/;

const BRANDS = [
  { name: "visa", label: "Visa", pattern: /^4/, lengths: [16], groups: FOURS, cvc: 3 },
  { name: "mastercard", label: "Mastercard", pattern: MASTERCARD, lengths: [16], groups: FOURS, cvc: 3 },
  { name: "amex", label: "American Express", pattern: /^3[47]/, lengths: [15], groups: [4, 6, 5], cvc: 4 },
  { name: "discover", label: "Discover", pattern: /^(6011|64[4-9]|65)/, lengths: [16], groups: FOURS, cvc: 3 },
  { name: "diners", label: "Diners Club", pattern: /^36/, lengths: [14], groups: [4, 6, 4], cvc: 3 },
  { name: "diners", label: "Diners Club", pattern: /^3(0[0-5]|[89])/, lengths: [16], groups: FOURS, cvc: 3 },
  { name: "jcb", label: "JCB", pattern: /^35(2[89]|[3-8])/, lengths: [16], groups: FOURS, cvc: 3 },
  { name: "unionpay", label: "UnionPay", pattern: /^62/, lengths: [16, 19], groups: FOURS, cvc: 3 },
];

const UNKNOWN_BRAND = { name: "unknown", label: "Unknown card", lengths: [16], groups: FOURS, cvc: 3 };

function brandOf(digits) {
  return BRANDS.find((brand) => brand.pattern.test(digits)) ?? UNKNOWN_BRAND;
}

// The checksum that every card number carries in its last digit.
function passesLuhn(digits) {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
