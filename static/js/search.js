// The suggestions under the search box: Escape closes them, the arrow keys go through them. They are links, so Tab and
// Enter need no help.

const box = document.querySelector(".search");
const field = box.querySelector("input");
let closed = false;

box.addEventListener("keydown", (event) => {
  const links = [...box.querySelectorAll("#suggestions a")];
  if (event.key === "Escape") {
    closed = true;
    if (!links.length) return;
    event.preventDefault(); // the browser would empty the box
    field.focus();
    box.querySelector("#suggestions").replaceChildren();
  } else if (["ArrowDown", "ArrowUp"].includes(event.key) && links.length) {
    event.preventDefault();
    const stops = [field, ...links];
    const step = event.key === "ArrowDown" ? 1 : stops.length - 1;
    stops[(stops.indexOf(document.activeElement) + step) % stops.length].focus();
  }
});

field.addEventListener("input", () => (closed = false));

// Suggestions that come after Escape, or when the shopper has gone elsewhere, come too late.
document.addEventListener("htmx:before:swap", (event) => {
  const late = closed || !box.contains(document.activeElement);
  if (late && event.detail.ctx.sourceElement === field) event.preventDefault();
});
