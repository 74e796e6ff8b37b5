// The Link Authentication Element: the shopper's email address. Nobody is signed in to anything here.
class LinkAuthenticationElement extends Element {
  page = "elements-inner-link-authentication";
  title = "Secure email input frame";
  events = [];

  expectedHeight() {
    return 76;
  }
}
