"""Countries by their two letters, and by their names."""

import unicodedata
from collections.abc import Iterable

from shop.words import LOCALE

# Where Stripe lets an address be, docs.stripe.com/api/checkout/sessions/create (shipping_address_collection).
_COUNTRIES = """
ac ad ae af ag ai al am ao aq ar at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by bz ca cd cf
cg ch ci ck cl cm cn co cr cv cw cy cz de dj dk dm do dz ec ee eg eh er es et fi fj fk fo fr ga gb gd ge gf gg gh gi gl
gm gn gp gq gr gs gt gu gw gy hk hn hr ht hu id ie il im in io iq is it je jm jo jp ke kg kh ki km kn kr kw ky kz la lb
lc li lk lr ls lt lu lv ly ma mc md me mf mg mk ml mm mn mo mq mr ms mt mu mv mw mx my mz na nc ne ng ni nl no np nr nu
nz om pa pe pf pg ph pk pl pm pn pr ps pt py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st sv sx
sz ta tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug us uy uz va vc ve vg vn vu wf ws xk ye yt za zm zw
"""
COUNTRIES = tuple(_COUNTRIES.upper().split())


def country_name(code: str) -> str:
    return str(LOCALE.territories.get(code, code))


def by_name(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Codes and names as a list to choose from has them: Åland stands among the As."""
    return sorted(((code, country_name(code)) for code in codes), key=lambda country: _plain(country[1]))


def read_table(text: str) -> dict[str, str]:
    """What an operator writes by country: "US=4.99, *=19.00", where * is every other. Raises ValueError, in words."""
    table: dict[str, str] = {}
    for part in text.replace(",", " ").split():
        country, _, value = part.partition("=")
        if country in table:
            raise ValueError(f"{country} stands there twice")
        if country not in (*COUNTRIES, "*"):
            raise ValueError(f"{part} names no country: write the two capital letters of one, or *")
        table[country] = value
    return table


def _plain(name: str) -> str:
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter)
    )
