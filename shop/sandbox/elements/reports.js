// What every frame tells its page without being asked.
function reportOn(channel) {
  reportEvents(channel);
  reportSize(channel);
}

function reportEvents(channel) {
  document.addEventListener("focusin", ({ relatedTarget }) => relatedTarget ?? channel.emit("focus"));
  document.addEventListener("focusout", ({ relatedTarget }) => relatedTarget ?? channel.emit("blur"));
  document.addEventListener("keydown", ({ key, target }) => {
    if (key === "Escape") channel.emit("escape");
    if (key === "Enter" && target.matches("input:not([type=radio])")) channel.emit("enter");
  });
}

function reportSize(channel) {
  new ResizeObserver(() => reportHeight(channel)).observe(document.body);
}

function reportHeight(channel) {
  const { height } = document.body.getBoundingClientRect();
  if (height) channel.emit("resize", { height: Math.ceil(height) });
}
