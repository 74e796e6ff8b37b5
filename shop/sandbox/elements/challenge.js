// The bank's page inside the overlay: two buttons, and Escape. The overlay does the rest.
const overlay = window.parent;

function choose(outcome) {
  for (const button of document.querySelectorAll("button")) button.disabled = true;
  overlay.postMessage({ outcome }, location.origin);
}

for (const button of document.querySelectorAll("button")) {
  button.addEventListener("click", () => choose(button.dataset.outcome));
}
document.addEventListener("keydown", ({ key }) => key === "Escape" && choose("fail"));
document.querySelector("h1").focus();
