// The 3-D Secure challenge: a modal frame over the whole page. The dialog element makes the page behind it
// inert, puts it above everything, and gives the focus back to where it was.
function openChallenge(caller, intent) {
  const { source, stripe_js: url } = intent.next_action.use_stripe_sdk;
  const dialog = document.createElement("dialog");
  const frame = new Frame("three-ds-2-challenge", "3D Secure authentication", () => ({
    caller, source, url, clientSecret: intent.client_secret,
  }));
  dialog.setAttribute("aria-label", "3D Secure authentication");
  for (const node of [dialog, frame.iframe]) coverViewport(node);
  document.body.append(dialog);
  frame.attach(dialog);
  dialog.showModal();
  frame.connected.then(() => frame.iframe.focus());
  return challengeOutcome(frame, dialog).finally(() => {
    dialog.close();
    frame.remove();
    dialog.remove();
  });
}

// Resolves {error} when the outcome could not be reported, else {}.
function challengeOutcome(frame, dialog) {
  return new Promise((resolve) => {
    frame.on("finished", resolve);
    frame.on("loaderror", resolve);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      frame.call("abandon");
    });
  });
}

function coverViewport(node) {
  style(node, {
    position: "fixed", inset: "0", width: "100vw", height: "100vh", "max-width": "none", "max-height": "none",
    margin: "0", padding: "0", border: "0", background: "transparent", "color-scheme": "light", overflow: "hidden",
  });
}
