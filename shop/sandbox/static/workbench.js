// Keeps what is unfolded unfolded when the page renews itself, and copies commands.

let open = [];

document.addEventListener("htmx:before:swap", () => {
  open = [...document.querySelectorAll("details[open]")].map((details) => details.id);
});

document.addEventListener("htmx:after:swap", () => {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  await navigator.clipboard?.writeText(field.value);
  button.firstChild.data = "Copied";
});
