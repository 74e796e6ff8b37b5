// The Appearance API: a theme, variables over it, and rules over both. Variables become custom properties of
// the same names; rules go through the CSSOM, so that no text of the page's is ever parsed as a style sheet.
const THEMES = {
  stripe: {
    colorPrimary: "#0570de", colorBackground: "#ffffff", colorText: "#30313d", colorTextSecondary: "#6d6e78",
    colorTextPlaceholder: "#757680", colorDanger: "#df1b41", colorBorder: "#e6e6e6", borderWidth: "1px",
    borderRadius: "5px", inputShadow: "0 1px 1px rgb(0 0 0 / 3%), 0 3px 6px rgb(0 0 0 / 2%)",
  },
  night: {
    colorPrimary: "#0085ff", colorBackground: "#30313d", colorText: "#ffffff", colorTextSecondary: "#b5b6be",
    colorTextPlaceholder: "#a3a4ad", colorDanger: "#fe87a1", colorBorder: "#424353", borderWidth: "1px",
    borderRadius: "5px", inputShadow: "0 2px 4px rgb(0 0 0 / 50%), 0 1px 6px rgb(0 0 0 / 25%)",
    colorSelected: "var(--colorText)",
  },
  flat: {
    colorPrimary: "#0461c5", colorBackground: "#f1f1f1", colorText: "#30313d", colorTextSecondary: "#5f606a",
    colorTextPlaceholder: "#6a6b74", colorDanger: "#c61539", colorBorder: "transparent", borderWidth: "1px",
    borderRadius: "4px", inputShadow: "none", colorSurface: "#fafafb",
  },
};

const COMMON = {
  fontFamily: '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Ubuntu, sans-serif',
  fontSizeBase: "1rem", fontLineHeight: "1.15", fontWeightNormal: "400", fontWeightMedium: "500",
  fontWeightBold: "600", spacingUnit: "0.25rem", colorSurface: "var(--colorBackground)",
  colorSelected: "var(--colorPrimary)",
};

// A public class name with its state and pseudo-classes: .Input, .Tab--selected, .Input:focus, .Input::placeholder
const SELECTOR = /^\.[A-Z][A-Za-z]*(--[a-zA-Z]+)?(:{1,2}[a-z-]+)*$/;

function applyAppearance({ theme = "stripe", variables = {}, rules = {}, disableAnimations = false } = {}) {
  const base = THEMES[theme] ?? THEMES.stripe;
  const root = document.documentElement.style;
  for (const name of [...root]) if (name.startsWith("--")) root.removeProperty(name);
  for (const [name, value] of Object.entries({ ...COMMON, ...base, ...variables })) {
    root.setProperty(`--${name}`, String(value));
  }
  applyRules(rules);
  document.body.classList.toggle("Still", disableAnimations);
  // Native parts, such as the list of countries, follow the background; the canvas stays transparent.
  document.body.style.colorScheme = isDark(getComputedStyle(document.querySelector(".Block") ?? document.body).color) ? "light" : "dark";
}

function applyRules(rules) {
  clearRules();
  for (const [selector, declarations] of Object.entries(rules)) {
    if (!SELECTOR.test(selector)) {
      console.warn(`Appearance: "${selector}" is not a supported selector.`);
      continue;
    }
    addRule(selector, declarations);
  }
}

// Of a computed colour, "rgb(48, 49, 61)".
function isDark(color) {
  const [red, green, blue] = color.match(/[\d.]+/g).map(Number);
  return red * 0.299 + green * 0.587 + blue * 0.114 < 140;
}
