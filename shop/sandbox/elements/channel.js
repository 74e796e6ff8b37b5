// The frame's end of the channel. Only the window that embeds this page, at the origin that it named in the
// fragment, can open it; all that follows goes through one MessagePort.
class Channel {
  #port;

  // `connected(options)` is called once; `methods` are what the page may call.
  open(connected, methods) {
    if (window.parent === window) return;
    const origin = new URLSearchParams(location.hash.slice(1)).get("origin");
    window.addEventListener("message", (event) => {
      if (this.#port || event.source !== window.parent || event.origin !== origin) return;
      if (event.data?.stripe !== "connect") return;
      [this.#port] = event.ports;
      this.#port.onmessage = ({ data }) => this.#answer(methods, data);
      connected(event.data.options);
    });
    window.parent.postMessage({ stripe: "hello" }, origin);
  }

  emit(event, payload) {
    this.#port?.postMessage({ event, payload });
  }

  async #answer(methods, { id, method, parameters }) {
    this.#port.postMessage({ id, result: await methods[method](parameters) });
  }
}
