// The countries of the billing address, by ISO code; their names come from the browser.
const COUNTRY_CODES = (
  "AF AX AL DZ AD AO AI AQ AG AR AM AW AC AU AT AZ BS BH BD BB BY BE BZ BJ BM BT BO BA BW BV BR IO VG BN BG BF BI KH " +
  "CM CA CV BQ KY CF TD CL CN CO KM CG CD CK CR CI HR CW CY CZ DK DJ DM DO EC EG SV GQ ER EE SZ ET FK FO FJ FI FR GF " +
  "PF TF GA GM GE DE GH GI GR GL GD GP GU GT GG GN GW GY HT HN HK HU IS IN ID IQ IE IM IL IT JM JP JE JO KZ KE KI XK " +
  "KW KG LA LV LB LS LR LY LI LT LU MO MG MW MY MV ML MT MQ MR MU YT MX MD MC MN ME MS MA MZ MM NA NR NP NL NC NZ NI " +
  "NE NG NU MK NO OM PK PS PA PG PY PE PH PN PL PT PR QA RE RO RU RW WS SM ST SA SN RS SC SL SG SX SK SI SB SO ZA GS " +
  "KR SS ES LK BL SH KN LC MF PM VC SR SJ SE CH TW TJ TZ TH TL TG TK TO TT TA TN TR TM TC TV UG UA AE GB US UY UZ VU " +
  "VA VE VN WF EH YE ZM ZW"
).split(" ");

// The account is in the United States, so shoppers are taken to be there until they say otherwise.
function fillCountries(select, codes = COUNTRY_CODES) {
  const names = new Intl.DisplayNames(["en"], { type: "region" });
  const options = codes.map((code) => new Option(names.of(code), code));
  options.sort((a, b) => a.text.localeCompare(b.text, "en"));
  select.replaceChildren(...options);
  select.value = codes.includes("US") ? "US" : codes[0];
}
