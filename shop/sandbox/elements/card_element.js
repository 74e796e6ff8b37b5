// The Card Element's page, and those of its parts: cardNumber, cardExpiry and cardCvc show a field each.
const number = new ClassicField("cardnumber", { check: checkNumber, format: formatNumber, full: isFullNumber });
const expiry = new ClassicField("exp-date", { check: checkExpiry, format: formatExpiry, full: isFullExpiry });
const cvc = new ClassicField("cvc", { check: (text) => checkCvc(text, brand()), format: digitsOnly(() => brand().cvc) });
const postal = new ClassicField("postal", { check: (text) => checkPostalCode(text, "US") });
const PARTS = { card: [number, expiry, cvc], cardNumber: [number], cardExpiry: [expiry], cardCvc: [cvc] };

const form = new ClassicForm([number, expiry, cvc, postal], {
  type: "card",
  configure({ type, options }) {
    for (const field of [number, expiry, cvc]) field.input.hidden = !PARTS[type].includes(field);
    const { hidePostalCode = false, hideIcon = false, showIcon = false, value } = options;
    document.getElementById("brand").hidden = type === "card" ? hideIcon : !(type === "cardNumber" && showIcon);
    if (value?.postalCode && !postal.input.value) postal.input.value = value.postalCode;
    if (options.placeholder && type !== "card") PARTS[type][0].input.placeholder = options.placeholder;
    asksPostalCode = type === "card" && !hidePostalCode;
    showBrand();
  },
  details() {
    const [month, year] = part("cardExpiry").value.split(" / ").map(Number);
    const typed = { number: digitsOf(part("cardNumber").value), exp_month: month, exp_year: 2000 + year };
    return { ...typed, cvc: part("cardCvc").value };
  },
  billing: () => ({ address: { postal_code: postal.input.hidden ? undefined : postal.input.value.trim() } }),
  event: () => ({
    brand: brand().name,
    value: form.settings.type === "card" ? { postalCode: postal.input.value } : undefined,
  }),
  // Parts are checked together, whichever of them was handed over.
  others: () => siblings().flatMap(({ cardPart }) => cardPart.checked()),
});

let asksPostalCode = false;

function brand() {
  return brandOf(digitsOf(part("cardNumber").value));
}

// The field of that name, in this frame or in that of another part of the same card.
function part(type) {
  const here = { cardNumber: number, cardExpiry: expiry, cardCvc: cvc }[type].input;
  if (!here.hidden) return here;
  return siblings().find(({ cardPart }) => cardPart.type() === type)?.cardPart.input() ?? { value: "" };
}

// The frames of the same origin whose Element is of the same group.
function siblings() {
  return [...Array(window.parent.length).keys()].map((index) => window.parent[index]).filter((frame) => {
    try {
      return frame !== window && frame.cardPart && frame.cardPart.group() === form.settings?.group;
    } catch {
      return false; // of another origin
    }
  });
}

window.cardPart = {
  group: () => form.settings?.group,
  type: () => form.settings.type,
  input: () => PARTS[form.settings.type][0].input,
  checked: () => PARTS[form.settings.type].map((field) => {
    field.problem = field.check();
    return field;
  }),
};

number.input.addEventListener("input", showBrand);

// A number of a card from the United States is asked for its ZIP code.
function showBrand() {
  const { name, cvc: length } = brand();
  const shown = name === "unknown" ? "card" : name;
  document.getElementById("brand").src = `img/${shown}.svg`;
  cvc.input.maxLength = length;
  postal.input.hidden = !(asksPostalCode && isFullNumber(number.input.value) && isFromUnitedStates());
}

// Test numbers that begin with 400000 say in the next three digits which country their bank is in.
function isFromUnitedStates() {
  const country = digitsOf(number.input.value).match(/^400000(\d{3})/)?.[1];
  return country === undefined || ["000", "840"].includes(country);
}
