// An iframe of the sandbox and the private channel to it. The frame says hello when its script runs; the
// page answers with one end of a MessageChannel, and from then on nobody else can listen or speak.
const LOAD_TIMEOUT = 10_000; // milliseconds
const HELLO_TIMEOUT = 1_500; // from the end of loading, which also a page that failed to load reaches
const GONE = { error: { type: "invalid_request_error", message: "The payment form was taken off the page." } };

class Frame extends Emitter {
  #calls = new Map();
  #hello = (event) => this.#connect(event);
  #port;
  #options;

  constructor(page, title, options) {
    super();
    this.#options = options;
    this.iframe = document.createElement("iframe");
    this.iframe.name = `__privateStripeFrame${1000 + crypto.getRandomValues(new Uint16Array(1))[0]}`;
    this.iframe.title = title;
    this.iframe.allow = "payment *; publickey-credentials-get *";
    const fragment = new URLSearchParams({ origin: location.origin, frame: this.iframe.name });
    this.iframe.src = `${BASE}/v3/${page}-${BUILD}.html#${fragment}`;
    this.connected = new Promise((resolve) => this.once("connected", resolve));
  }

  attach(parent) {
    window.addEventListener("message", this.#hello);
    const timer = setTimeout(() => this.#giveUp(), LOAD_TIMEOUT);
    this.iframe.addEventListener("load", () => {
      clearTimeout(timer);
      setTimeout(() => this.#giveUp(), HELLO_TIMEOUT);
    });
    parent.append(this.iframe);
  }

  remove() {
    window.removeEventListener("message", this.#hello);
    this.#port?.close();
    this.iframe.remove();
    this.#answerAll(GONE);
  }

  // Runs `method` inside the frame and resolves with what it returns.
  call(method, parameters) {
    const id = crypto.getRandomValues(new Uint32Array(1))[0];
    this.connected.then(() => this.#port.postMessage({ id, method, parameters: plain(parameters) }));
    return new Promise((resolve) => this.#calls.set(id, resolve));
  }

  // A frame that is moved in the page loads anew and says hello again; the old channel is then dead.
  #connect(event) {
    if (event.origin !== ORIGIN || event.source !== this.iframe.contentWindow) return;
    if (event.data?.stripe !== "hello") return;
    if (this.#port) this.#answerAll(GONE);
    const channel = new MessageChannel();
    this.#port = channel.port1;
    this.#port.onmessage = ({ data }) => this.#receive(data);
    const connect = { stripe: "connect", options: plain(this.#options()) };
    this.iframe.contentWindow.postMessage(connect, ORIGIN, [channel.port2]);
    this.emit("connected");
  }

  #giveUp() {
    if (!this.#port && this.iframe.isConnected) this.emit("loaderror", { error: UNREACHABLE });
  }

  #receive({ id, result, event, payload }) {
    if (event) return this.emit(event, payload);
    this.#calls.get(id)?.(result);
    this.#calls.delete(id);
  }

  #answerAll(result) {
    for (const resolve of this.#calls.values()) resolve(result);
    this.#calls.clear();
  }
}

// Options may hold functions and undefined; a message may not.
function plain(value) {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

// Styles go in property by property: a strict style-src allows that, and forbids a style attribute.
function style(node, properties) {
  for (const [name, value] of Object.entries(properties)) node.style.setProperty(name, value, "important");
}
