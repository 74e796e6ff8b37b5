// The sheet of a simulated wallet: who pays is always the same person.
const PERSON = {
  name: "Jenny Rosen",
  email: "jenny.rosen@example.com",
  address: { line1: "510 Townsend St", line2: null, city: "San Francisco", state: "CA", postal_code: "94103", country: "US" },
};
const NAMES = { google_pay: "Google Pay", link: "Link", paypal: "PayPal" };
const channel = new Channel();

channel.open(start, { abandon: () => channel.emit("finished", {}) });

function start({ wallet, total, phoneNumberRequired, shippingAddressRequired, allowedShippingCountries }) {
  const person = phoneNumberRequired ? { ...PERSON, phone: "+14155550123" } : PERSON;
  document.getElementById("wallet").textContent = `${NAMES[wallet]} (simulated)`;
  document.getElementById("total").textContent = total;
  const elsewhere = shippingAddressRequired && allowedShippingCountries?.includes(PERSON.address.country) === false;
  document.getElementById("elsewhere").hidden = !elsewhere;
  document.getElementById("pay").disabled = elsewhere;
  document.getElementById("pay").addEventListener("click", () => channel.emit("finished", { person }));
  document.getElementById("cancel").addEventListener("click", () => channel.emit("finished", {}));
  document.addEventListener("keydown", ({ key }) => key === "Escape" && channel.emit("finished", {}));
  document.querySelector("h1").focus();
}
