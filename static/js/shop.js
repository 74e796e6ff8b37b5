// What plain HTML and htmx cannot do: plus and minus that answer at once, several changes of a cart at the same
// time, and a word when a request fails.

const message = document.querySelector("#message");
const busy = new Map(); // forms with requests under way, and how many
const changed = new Set(); // forms with something typed or pressed that htmx has not sent yet
const beyond = new Set(); // quantity fields that were to go beyond their limit
const kept = new Map(); // what fields showed before an answer to something else came in, and of which cart
let near = []; // books of the line that has the focus and of those after it

// The page's own words, which are translated with it.
function say(name) {
  const paragraph = document.createElement("p");
  paragraph.className = "message message-bad";
  paragraph.append(document.querySelector(`#said-${name}`).content.cloneNode(true));
  message.replaceChildren(paragraph);
}

// The field changes at once and htmx sends the field, so ten fast presses are ten more, not ten requests to wait for.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=step]");
  const field = button?.form.elements.quantity;
  if (!field || !/^\d+$/.test(field.value)) return;
  event.preventDefault();
  const wanted = Math.max(0, Number(field.value) + Number(button.value));
  if (wanted <= Number(field.dataset.most)) change(field, wanted);
  else if (busy.has(button.form) || changed.has(button.form)) beyond.add(field);
  else change(field, wanted);
});

function change(field, quantity) {
  field.value = quantity;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

// One more than there is is asked for all the same, after what can be had: the shop says which limit it is.
document.addEventListener("shop:idle", () => {
  for (const field of beyond) if (field.isConnected) change(field, Number(field.value) + 1);
  beyond.clear();
});

for (const name of ["input", "change"]) {
  document.addEventListener(name, ({ target }) => target.form?.matches("form.quantity") && changed.add(target.form), true);
}
document.addEventListener("focusout", ({ target }) => target.value === target.defaultValue && changed.delete(target.form));

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  changed.delete(ctx.sourceElement);
  busy.set(ctx.sourceElement, (busy.get(ctx.sourceElement) ?? 0) + 1);
  ctx.target?.setAttribute?.("aria-busy", "true");
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const left = (busy.get(ctx.sourceElement) ?? 1) - 1;
  if (left) busy.set(ctx.sourceElement, left);
  else busy.delete(ctx.sourceElement);
  if (ctx.target?.id !== "cart") ctx.target?.removeAttribute?.("aria-busy");
  settle();
});

function settle() {
  const cart = document.querySelector("#cart");
  if (busy.size) cart?.setAttribute("aria-busy", "true");
  else cart?.removeAttribute("aria-busy");
  if (!busy.size && !changed.size) document.dispatchEvent(new Event("shop:idle"));
}

// An answer that was overtaken by a newer one says nothing new; one without a cart (0) does: the cart is gone.
document.addEventListener("htmx:before:swap", (event) => {
  const revision = (html) => Number(/data-revision="(\d+)"/.exec(html ?? "")?.[1] ?? Infinity);
  const shown = document.querySelector("#cart")?.dataset.revision;
  const answered = revision(event.detail.ctx.text);
  if (answered && answered < Number(shown)) event.preventDefault();
  kept.clear();
  for (const form of document.querySelectorAll("form.quantity")) {
    const own = form === event.detail.ctx.sourceElement ? 1 : 0;
    if ((busy.get(form) ?? 0) > own || changed.has(form)) {
      kept.set(form, { quantity: form.elements.quantity.value, seen: form.elements.seen.value });
    }
  }
  near = [];
  const focused = document.activeElement.closest("#cart li[data-book]");
  for (let line = focused; line; line = line.nextElementSibling) near.push(line.dataset.book);
});

document.addEventListener("htmx:after:swap", () => {
  for (const form of document.querySelectorAll("form.quantity")) {
    if (kept.has(form)) {
      form.elements.quantity.value = kept.get(form).quantity;
      form.elements.seen.value = kept.get(form).seen; // what was typed answers what was seen then
    } else {
      resetField(form);
    }
  }
  // A form that its own answer took away is heard of no more.
  const gone = [...busy.keys(), ...changed].filter((form) => !form.isConnected);
  for (const form of gone) {
    busy.delete(form);
    changed.delete(form);
  }
  if (gone.length) settle();
  if (document.activeElement === document.body) placeFocus();
});

// What had the focus is gone: on to what has taken its place (Undo, or the line that is back), or to the next line.
function placeFocus() {
  const line = near.map((book) => document.querySelector(`#cart li[data-book="${book}"]`)).find((found) => found);
  const target = line?.querySelector(".undo button, h2 a") ?? document.querySelector("#cart [data-focus]");
  (target ?? document.querySelector("#cart-title"))?.focus();
}

// What the shop holds, unless a change of it is still under way.
function resetField(form) {
  form.elements.quantity.value = form.elements.quantity.defaultValue;
}

// Check out with what the shopper sees: a change that is under way comes first, and if it is refused, that is told.
document.addEventListener("submit", (event) => {
  if ((!busy.size && !changed.size) || !event.target.matches("#checkout")) return;
  event.preventDefault();
  document.addEventListener(
    "shop:idle",
    () => setTimeout(() => document.querySelector("#cart .problem") || document.querySelector("#checkout")?.submit()),
    { once: true },
  );
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx?.sourceElement?.matches?.("form.quantity")) resetField(ctx.sourceElement);
  say("unreachable");
});

document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.response.status >= 500) say("broken");
});

// A page that Back brings up as it was left shows an older cart: in the header, and perhaps as a whole.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  if (document.querySelector("#cart")) location.reload();
  else htmx.ajax("GET", "/cart/brief", { target: "#cart-brief > div" });
});

// A page that tells an outcome begins at its heading (checked by `data-focus`).
document.querySelector("[data-focus]")?.focus();

// Chromium leaves what has the focus half out of a row that is pushed along.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches(".chips a:focus-visible")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
});
