// The overlay around the page in which the shopper chooses a bank account.
const channel = new Channel();
const frame = document.getElementById("challengeFrame");

channel.open(() => {}, { abandon: () => finish("abandoned") });

function finish(outcome) {
  channel.emit("finished", { outcome });
}

window.addEventListener("message", ({ data, origin, source }) => {
  if (source === frame.contentWindow && origin === location.origin && data?.outcome) finish(data.outcome);
});
document.getElementById("close").addEventListener("click", () => finish("abandoned"));
document.addEventListener("keydown", ({ key }) => key === "Escape" && finish("abandoned"));
