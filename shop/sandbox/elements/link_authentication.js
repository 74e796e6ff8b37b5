// The Link Authentication Element's page: one field, for an email address.
const channel = new Channel();
const form = document.querySelector("form");
const email = new Field("email", { check: checkEmail });

channel.open(start, {
  update: ({ appearance }) => applyAppearance(appearance),
  focus: () => email.input.focus(),
  blur: () => document.activeElement?.blur(),
  clear: () => {
    email.value = "";
    reportChange();
  },
  validate: () => {
    const problem = email.check();
    email.show(problem);
    return problem ? { error: { type: "validation_error", ...problem } } : { value: { email: typed() } };
  },
});

function start({ appearance, options = {} }) {
  applyAppearance(appearance);
  email.value = options.defaultValues?.email ?? "";
  document.body.hidden = false;
  reportOn(channel);
  reportHeight(channel);
  channel.emit("ready");
  if (!email.isEmpty) reportChange();
}

function reportChange() {
  channel.emit("change", { empty: email.isEmpty, complete: !email.check(), value: { email: typed() } });
}

function typed() {
  return email.input.value.trim();
}

form.addEventListener("input", reportChange);
form.addEventListener("submit", (event) => event.preventDefault());
