// Where this script came from is where the sandbox lives: http://localhost:8001/endive/stripe.js gives
// http://localhost:8001, whatever the host, port or path prefix.
const BASE = new URL("..", document.currentScript.src).href.replace(/\/$/, "");
const ORIGIN = new URL(BASE).origin;
