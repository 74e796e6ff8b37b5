// The panel of calls and events beside the shop's pages: off until somebody asks for it; the browser remembers.

const toggle = document.querySelector("[data-panel]");

function remembered() {
  try {
    return localStorage.getItem("panel") === "on";
  } catch {
    return false; // a browser that keeps nothing
  }
}

function remember(on) {
  try {
    localStorage.setItem("panel", on ? "on" : "off");
  } catch {
    // then it is on for this page alone
  }
}

function show(on) {
  toggle.setAttribute("aria-expanded", String(on));
  document.documentElement.classList.toggle("with-panel", on);
  document.querySelector("#panel")?.remove();
  if (on) toggle.closest("aside").append(frame());
}

function frame() {
  const made = document.createElement("iframe");
  made.id = "panel";
  made.title = toggle.textContent;
  made.src = toggle.dataset.panel;
  return made;
}

toggle.addEventListener("click", () => {
  const on = toggle.getAttribute("aria-expanded") !== "true";
  remember(on);
  show(on);
});

// A page that Back brings up again as it was left.
addEventListener("pageshow", (event) => event.persisted && show(remembered()));

show(remembered());
