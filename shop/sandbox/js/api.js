// The public HTTP API as a browser may use it: publishable key, version and client secret travel as
// parameters, so that a request stays a simple one and needs no preflight; the account that it is for, if any, in a
// header. `caller` is what every request says of itself: {key, _stripe_version, _stripe_account}. Answers {body} or
// {error}; never throws.
async function callApi(method, path, { _stripe_account: account, ...parameters }) {
  const form = new URLSearchParams(bracketed(parameters));
  const common = { method, credentials: "omit", headers: account ? { "Stripe-Account": account } : {} };
  let response;
  try {
    response =
      method === "GET"
        ? await fetch(`${API}${path}?${form}`, common)
        : await fetch(API + path, { ...common, body: form });
  } catch {
    return { error: UNREACHABLE };
  }
  try {
    const body = await response.json();
    if (response.ok) return { body };
    return { error: body.error ?? UNREADABLE };
  } catch {
    return { error: UNREADABLE };
  }
}

// {card: {number: "4242"}, expand: ["x"]} becomes [["card[number]", "4242"], ["expand[0]", "x"]].
function bracketed(value, name = "") {
  if (value === undefined || value === null || value === "") return []; // a field of a form that was left empty
  if (typeof value !== "object") return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => bracketed(inner, name ? `${name}[${key}]` : key));
}
