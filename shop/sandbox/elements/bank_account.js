// Three steps: agree to connect, choose how that ends, agree to be debited.
const steps = [...document.querySelectorAll("section")];

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.outcome) window.parent.postMessage({ outcome: button.dataset.outcome }, ORIGIN);
  else if (button) show(steps.findIndex((step) => !step.hidden) + 1);
});
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") window.parent.postMessage({ outcome: "abandoned" }, ORIGIN);
});

function show(number) {
  for (const [index, step] of steps.entries()) step.hidden = index !== number;
  steps[number].querySelector("h1").focus();
}
