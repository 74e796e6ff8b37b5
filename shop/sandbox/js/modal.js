// A frame over the whole page. The dialog element makes the page behind it inert, puts it above everything, and
// gives the focus back to where it was. Resolves with what the frame reports when it is finished.
function openModal(page, title, options) {
  const dialog = document.createElement("dialog");
  const frame = new Frame(page, title, () => options);
  dialog.setAttribute("aria-label", title);
  for (const node of [dialog, frame.iframe]) coverViewport(node);
  document.body.append(dialog);
  frame.attach(dialog);
  dialog.showModal();
  frame.connected.then(() => frame.iframe.focus());
  return outcomeOf(frame, dialog).finally(() => {
    dialog.close();
    frame.remove();
    dialog.remove();
  });
}

// What "finished" carries, or {error} when the frame could not be loaded.
function outcomeOf(frame, dialog) {
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
