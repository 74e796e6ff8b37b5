// What plain HTML and htmx cannot do: plus and minus that answer at once, and a word when a request fails.

const message = document.querySelector("#message");

function say(sentence) {
  const paragraph = document.createElement("p");
  paragraph.className = "message message-bad";
  paragraph.textContent = sentence;
  message.replaceChildren(paragraph);
}

// The field changes at once and htmx sends the field, so ten fast presses are ten more, not ten requests to wait for.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=step]");
  const field = button?.form.elements.quantity;
  if (!field || !/^\d+$/.test(field.value)) return;
  event.preventDefault();
  field.value = Math.max(0, Number(field.value) + Number(button.value));
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("htmx:error", () => say("The shop could not be reached. Check your connection and try again."));
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.response.status >= 500) say("Something broke on our side. Your cart is safe: please try again.");
});

// A line that is gone takes the focus with it: give it to the cart's heading.
document.addEventListener("htmx:after:swap", () => {
  if (document.activeElement === document.body) document.querySelector("#cart-title")?.focus();
});

// A page that tells an outcome begins at its heading (checked by `data-focus`).
document.querySelector("[data-focus]")?.focus();
