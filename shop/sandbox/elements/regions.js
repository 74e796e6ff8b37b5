// The states and provinces of the countries that are asked for one, by what posts call them.
const REGIONS = {
  US: {
    label: "State",
    names:
      "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|" +
      "DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|" +
      "KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|" +
      "MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|" +
      "NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|" +
      "SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|" +
      "WV West Virginia|WI Wisconsin|WY Wyoming",
  },
  CA: {
    label: "Province",
    names:
      "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|" +
      "NT Northwest Territories|NS Nova Scotia|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|" +
      "SK Saskatchewan|YT Yukon",
  },
  AU: {
    label: "State",
    names:
      "ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|" +
      "SA South Australia|TAS Tasmania|VIC Victoria|WA Western Australia",
  },
};

// Countries whose addresses have no postal code.
const WITHOUT_POSTAL_CODE = ["AE", "AG", "AO", "BS", "BZ", "FJ", "GH", "HK", "IE", "JM", "MO", "PA", "QA", "UG"];

function fillRegions(select, country) {
  const names = REGIONS[country]?.names.split("|") ?? [];
  const options = names.map((line) => new Option(line.slice(line.indexOf(" ") + 1), line.split(" ")[0]));
  select.replaceChildren(new Option("Select", ""), ...options);
}
