// The Address Element's page.
let settings;

const channel = new Channel();
const form = new AddressForm(() => reportChange());

channel.open(start, {
  update: (changed) => configure(changed, false),
  focus: () => form.focus(),
  blur: () => document.activeElement?.blur(),
  clear: () => {
    form.clear();
    reportChange();
  },
  value: () => current(),
  validate: () => ({ ...form.validate(), ...current() }),
});

function start(sent) {
  configure(sent, true);
  document.body.hidden = false;
  reportOn(channel);
  reportHeight(channel);
  channel.emit("ready");
  if (!form.isEmpty) reportChange();
}

function configure(changed, first) {
  settings = changed;
  form.configure(settings.options, first);
  applyAppearance(settings.appearance);
}

function current() {
  const { isEmpty: empty, isComplete: complete, value } = form;
  return { elementMode: settings.options.mode, empty, complete, isNewAddress: true, value };
}

function reportChange() {
  channel.emit("change", current());
}

document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
