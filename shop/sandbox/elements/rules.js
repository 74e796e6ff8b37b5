// A style sheet that only the CSSOM writes to: no text of a page's is ever parsed as CSS, and a strict
// style-src has nothing to say against it.
const ruleSheet = new CSSStyleSheet();
document.adoptedStyleSheets = [ruleSheet];

function clearRules() {
  while (ruleSheet.cssRules.length) ruleSheet.deleteRule(0);
}

// Declarations as pages write them: {fontSize: "16px"}.
function addRule(selector, declarations) {
  const { style } = ruleSheet.cssRules[ruleSheet.insertRule(`${selector} {}`, ruleSheet.cssRules.length)];
  for (const [name, value] of Object.entries(declarations)) {
    style.setProperty(name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), String(value));
  }
}
