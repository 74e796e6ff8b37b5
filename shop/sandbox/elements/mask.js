// Keeps a field formatted while it is typed in. The caret stays behind the digit that it was behind, and
// deleting a separator deletes the digit before it.
function keepFormatted(input, format) {
  let before = "";
  input.addEventListener("input", (event) => {
    const atEnd = input.selectionStart === input.value.length;
    let head = digitsOf(input.value.slice(0, input.selectionStart));
    let text = input.value;
    const deleting = event.inputType?.startsWith("deleteContentBackward");
    if (deleting && digitsOf(text) === digitsOf(before)) {
      text = head.slice(0, -1) + digitsOf(text).slice(head.length);
      head = head.slice(0, -1);
    }
    before = input.value = format(text);
    const caret = atEnd ? before.length : positionAfter(before, head.length);
    input.setSelectionRange(caret, caret);
  });
}

function digitsOf(text) {
  return text.replace(/\D/g, "");
}

function positionAfter(text, count) {
  let position = 0;
  while (count > 0 && position < text.length) if (/\d/.test(text[position++])) count -= 1;
  return position;
}

// "42424242" becomes "4242 4242", an American Express number "3782 822463 10005".
function formatNumber(text) {
  const digits = digitsOf(text);
  const { groups, lengths } = brandOf(digits);
  const parts = [];
  let rest = digits.slice(0, Math.max(...lengths));
  for (const size of groups) {
    if (rest) parts.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return parts.join(" ");
}

// "4" becomes "04 / ", "1230", "12/2030" and "2030-12" become "12 / 30".
function formatExpiry(text) {
  const digits = expiryDigits(text);
  return digits.length < 2 ? digits : `${digits.slice(0, 2)} / ${digits.slice(2, 4)}`;
}

function expiryDigits(text) {
  const yearFirst = text.match(/^\s*20(\d\d)-(\d\d)\s*$/);
  if (yearFirst) return yearFirst[2] + yearFirst[1];
  let digits = digitsOf(text);
  if (/^(\s*\d\s*\/|[2-9]|1[3-9])/.test(text)) digits = `0${digits}`;
  return digits.length >= 6 && digits.slice(2, 4) === "20" ? digits.slice(0, 2) + digits.slice(4) : digits;
}

function digitsOnly(limit) {
  return (text) => digitsOf(text).slice(0, limit());
}
