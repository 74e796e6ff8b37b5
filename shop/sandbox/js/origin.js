// Where this script came from is where the sandbox lives: http://localhost:8001/endive/stripe.js gives
// http://localhost:8001, whatever the host, port or path prefix. Under Stripe's own names its parts live apart.
const TRAIN_PATH = /\/(v3|acacia|basil|clover|dahlia|endive)(\/[\w-]*(\.js)?)?(\?.*)?$/;
const FROM = document.currentScript.src.replace(TRAIN_PATH, "");
const MIMIC = /^https:\/\/(js|hooks|checkout)\.stripe\.com$/.test(FROM);
const BASE = MIMIC ? "https://js.stripe.com" : FROM; // of scripts and frames
const API = MIMIC ? "https://api.stripe.com" : FROM;
const ORIGIN = new URL(BASE).origin;
