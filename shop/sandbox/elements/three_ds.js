// The overlay around the bank's challenge page. It reports the outcome to the API and then to the page.
let challenge; // {caller, clientSecret, source, url}

const channel = new Channel();
const frame = document.getElementById("challengeFrame");

channel.open(start, { abandon: () => finish("fail") });

function start(options) {
  challenge = options;
  frame.src = new URL(challenge.url).href;
  frame.addEventListener("load", () => frame.focus());
  document.querySelector("main").hidden = false;
}

window.addEventListener("message", ({ data, origin, source }) => {
  if (source !== frame.contentWindow || origin !== new URL(challenge.url).origin) return;
  if (["complete", "fail"].includes(data?.outcome)) finish(data.outcome);
});
document.getElementById("close").addEventListener("click", () => finish("fail"));
document.addEventListener("keydown", ({ key }) => key === "Escape" && finish("fail"));

let finished = false;

// Whoever closes the challenge has not authenticated: that is an outcome too.
async function finish(outcome) {
  if (finished) return;
  finished = true;
  const { caller, source, clientSecret } = challenge;
  const parameters = { ...caller, source, outcome, client_secret: clientSecret };
  const { error } = await callApi("POST", "/v1/3ds2/authenticate", parameters);
  channel.emit("finished", { error });
}
