// International bank account numbers: how they are written, and what may be wrong with one.
const LENGTHS = {
  AD: 24, AT: 20, BE: 16, BG: 22, CH: 21, CY: 28, CZ: 24, DE: 22, DK: 18, EE: 20, ES: 24, FI: 18, FR: 27, GB: 22,
  GI: 23, GR: 27, HR: 21, HU: 28, IE: 22, IS: 26, IT: 27, LI: 21, LT: 20, LU: 20, LV: 21, MC: 27, MT: 31, NL: 18,
  NO: 15, PL: 28, PT: 25, RO: 24, SE: 24, SI: 19, SK: 24, SM: 27,
};

// Groups of four; only where the caret is at the end, so that it never jumps.
function groupInFours(input) {
  input.addEventListener("input", () => {
    if (input.selectionStart !== input.value.length) return;
    input.value = letters(input.value).replace(/(.{4})(?=.)/g, "$1 ");
  });
}

function isFullIban(text) {
  return letters(text).length >= lengthOf(text);
}

function letters(text) {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, "");
}

function lengthOf(text) {
  return LENGTHS[letters(text).slice(0, 2)] ?? 34;
}

function checkIban(text) {
  const typed = letters(text);
  if (typed.length < 5) return problem("incomplete_iban", "The IBAN you entered is incomplete.");
  if (!LENGTHS[typed.slice(0, 2)]) {
    return problem("invalid_iban_country_code", `The IBAN you entered is invalid, ${typed.slice(0, 2)} has none.`);
  }
  if (typed.length < lengthOf(typed)) return problem("incomplete_iban", "The IBAN you entered is incomplete.");
  if (typed.length > lengthOf(typed) || remainder(typed) !== 1) return problem("invalid_iban", "The IBAN you entered is invalid.");
}

// Modulo 97 of the number that the letters spell, A for 10 to Z for 35; a valid IBAN leaves 1.
function remainder(typed) {
  const digits = (typed.slice(4) + typed.slice(0, 4)).replace(/[A-Z]/g, (letter) => letter.charCodeAt(0) - 55);
  return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0);
}
