// What goes wrong in the page's own code is thrown as IntegrationError; what goes wrong with a payment is
// returned as an object of Stripe's shape {type, code, message, …}.
class IntegrationError extends Error {
  name = "IntegrationError";
}

function notInThisSandbox(name) {
  return () => {
    throw new IntegrationError(`${name} is not in this sandbox yet.`);
  };
}

const UNREACHABLE = {
  type: "api_connection_error",
  message: "We could not reach the payment service. Check your connection, then try again.",
};

const UNREADABLE = {
  type: "api_error",
  message: "The payment service had a problem of its own. Try again in a moment.",
};
