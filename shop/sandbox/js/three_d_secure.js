// The 3-D Secure challenge. Resolves {error} when its outcome could not be reported, else {}.
function openChallenge(caller, intent) {
  const { source, stripe_js: url } = intent.next_action.use_stripe_sdk;
  const options = { caller, source, url, clientSecret: intent.client_secret };
  return openModal("three-ds-2-challenge", "3D Secure authentication", options);
}
