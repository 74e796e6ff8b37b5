"""A shop of two pages, pay and return, under as strict a policy as stripe.js allows."""

from quart import Quart, Response, render_template_string, request

PUBLISHABLE_KEY = "pk_test_sandbox"

PAY_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pay</title><link rel="stylesheet" href="/pay.css"></head>
<body>
<main>
  <h1>Pay</h1>
  <form data-key="{{ key }}" data-options="{{ options }}">
    <div id="payment-element"></div>
    <button>Pay now</button>
  </form>
  <output></output>
</main>
<script src="{{ sandbox }}/endive/stripe.js?advancedFraudSignals=false"></script>
<script src="/pay.js"></script>
</body>
</html>"""

PAY_JS = """
const form = document.querySelector("form");
const { elements: shared, payment: own, confirm } = JSON.parse(form.dataset.options);
const NAMES = "loaderstart ready change focus blur escape loaderror carddetailschange".split(" ");
const events = [];
const stripe = Stripe(form.dataset.key);
const elements = stripe.elements(shared);
const payment = elements.create("payment", own);
for (const name of NAMES) {
  payment.on(name, (event) => events.push({ name, ...event }));
}
payment.on("ready", () => form.classList.add("ready"));
payment.on("loaderror", () => form.classList.add("failed"));
payment.mount("#payment-element");
const reservedHeight = document.querySelector("iframe").offsetHeight;
function pay() {
  const confirmParams = { return_url: `${location.origin}/return?order=7`, ...confirm?.confirmParams };
  return stripe.confirmPayment({ elements, ...confirm, confirmParams });
}
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await pay().catch(({ name, message }) => ({ thrown: name, message }));
  document.querySelector("output").textContent = JSON.stringify(answer);
});
"""

RETURN_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Thanks</title></head>
<body><h1>Thanks</h1><output data-key="{{ key }}"></output>
<script src="{{ sandbox }}/endive/stripe.js"></script><script src="/return.js"></script></body>
</html>"""

RETURN_JS = """
const output = document.querySelector("output");
const secret = new URLSearchParams(location.search).get("payment_intent_client_secret");
const stripe = Stripe(output.dataset.key);
stripe.retrievePaymentIntent(secret).then((answer) => output.textContent = JSON.stringify(answer));
"""

PAY_CSS = """
body { margin: 0 auto; max-width: 480px; padding: 16px; font-family: sans-serif; background: #fff; }
body.dark { background: #1a1b25; color: #fff; color-scheme: dark; }
form > button { margin-top: 16px; }
output { display: block; overflow-wrap: anywhere; }
"""


def tiny_shop(sandbox: str, apart: str = "") -> Quart:
    """Pages under as strict a policy as the real stripe.js allows, with the sandbox in Stripe's place. `apart` are
    more origins of it, for when its parts live apart."""
    app = Quart(__name__)
    files = {"pay.js": PAY_JS, "return.js": RETURN_JS, "pay.css": PAY_CSS}

    @app.get("/<any('pay', 'return'):name>")
    async def page(name: str) -> str:
        text, options = (PAY_PAGE, request.args.get("options", "{}")) if name == "pay" else (RETURN_PAGE, "")
        return await render_template_string(text, key=PUBLISHABLE_KEY, sandbox=sandbox, options=options)

    @app.get("/<name>")
    async def file(name: str) -> Response:
        return Response(files[name], content_type="text/css" if name.endswith("css") else "text/javascript")

    @app.after_request
    async def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'self' {sandbox}; style-src 'self'; frame-src {sandbox} {apart}; "
            f"connect-src 'self' {sandbox} {apart}"
        )
        return response

    return app
