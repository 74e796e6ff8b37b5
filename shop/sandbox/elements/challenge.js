// The bank's page inside the overlay: two buttons, and Escape. The overlay does the rest.
const overlay = window.parent;

function choose(outcome) {
  for (const button of document.querySelectorAll("button")) button.disabled = true;
  overlay.postMessage({ outcome }, ORIGIN);
}

for (const button of document.querySelectorAll("button")) {
  button.addEventListener("click", () => choose(button.dataset.outcome));
}
document.addEventListener("keydown", ({ key }) => key === "Escape" && choose("fail"));

// The overlay hands the focus to this document; a screen reader then starts at the heading.
function focusHeading() {
  if (document.activeElement === document.body) document.querySelector("h1").focus();
}
window.addEventListener("focus", focusHeading);
focusHeading();
