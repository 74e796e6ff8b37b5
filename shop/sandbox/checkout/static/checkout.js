// What scripts add to the hosted page: the card section opens when it is chosen, card fields stay tidy while they
// are typed in, and Pay is pressed once.
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form");
    openCardWhenChosen(form.querySelector(".Card"));
    keepTidy("cardNumber", (digits) => digits.slice(0, 19).replace(/(\d{4})(?=\d)/g, "$1 "));
    keepTidy("cardExpiry", tidyExpiry);
    keepTidy("cardCvc", (digits) => digits.slice(0, 4));
    form.addEventListener("submit", (event) => pressOnce(form, event));
    form.addEventListener("change", ({ target }) => {
      if (target.matches(".Quantity input, [name=shippingRate]")) form.requestSubmit(form.querySelector("[data-update]"));
    });
    const failed = form.querySelector("[role=alert]") && form.querySelector("#cardNumber");
    const first = form.querySelector("[aria-invalid=true]") ?? failed ?? form.querySelector("[name=email]");
    first?.focus({ preventScroll: true });
  });

  function openCardWhenChosen(card) {
    if (!card) return;
    const button = card.querySelector(".CardButton");
    const show = (open) => {
      card.classList.toggle("Card--open", open);
      button.setAttribute("aria-expanded", String(open));
    };
    show(card.classList.contains("Card--open"));
    card.querySelector(".CardHead").addEventListener("click", () => show(true));
  }

  function keepTidy(name, tidy) {
    const input = document.getElementById(name);
    input?.addEventListener("input", () => {
      if (input.selectionStart !== input.value.length) return;
      const deleting = input.value.length < (input.before ?? "").length;
      if (!deleting) input.value = tidy(input.value.replace(/\D/g, ""), input.value);
      input.before = input.value;
    });
  }

  function tidyExpiry(digits, text) {
    if (/^([2-9]|1\s*\/)/.test(text)) digits = `0${digits}`;
    if (digits.length > 4 && digits.slice(2, 4) === "20") digits = digits.slice(0, 2) + digits.slice(4);
    return digits.length < 2 ? digits : `${digits.slice(0, 2)} / ${digits.slice(2, 4)}`;
  }

  // The button is disabled after the form's data was taken, and free again when Back brings the page back.
  function pressOnce(form, event) {
    const pay = form.querySelector("button.Pay");
    if (event.submitter?.formAction !== form.action && event.submitter?.hasAttribute("formaction")) return;
    if (pay.getAttribute("aria-disabled")) return event.preventDefault();
    const words = pay.textContent;
    pay.setAttribute("aria-disabled", "true");
    pay.textContent = pay.dataset.busy;
    addEventListener("pageshow", () => {
      pay.removeAttribute("aria-disabled");
      pay.textContent = words;
    }, { once: true });
  }
})();
