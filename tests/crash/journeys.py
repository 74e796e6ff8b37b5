"""The ways to buy during which the server dies, and how each ends."""

from dataclasses import dataclass

from shop.charges import NO_CHARGES, Charges
from shop.shipping import read_rates
from shop.tax import read_tax_rates
from tests.crash.steps import (
    Step,
    a_quarter_of_an_hour,
    add_another_book,
    an_hour,
    buy_now,
    cancel,
    capture,
    capture_later,
    check_out,
    check_out_the_changed_cart,
    choose_a_country,
    come_back,
    compare_the_downloads,
    compare_the_refund,
    confirm,
    confirm_and_save_the_card,
    confirm_with_an_address,
    confirm_with_the_saved_card,
    download,
    fill_the_cart,
    fill_the_cart_with_an_e_book,
    fill_the_cart_with_another,
    get_the_money_back,
    go_to_stripes_page,
    hear_from_stripe,
    make_a_code,
    open_the_pay_page,
    pay_here_after_all,
    pay_there,
    press_pay,
    press_pay_with_shipping_and_tax,
    recover,
    refund,
    refund_by_hand,
    remove_the_card,
    save_a_card,
    see_that_it_is_gone,
    see_the_address,
    send_letters,
    sign_in,
    somebody_buys_the_last_copies,
    sweep,
    type_the_code,
)


@dataclass(frozen=True)
class Journey:
    name: str
    steps: tuple[Step, ...]
    deadly: Step  # the server dies in the midst of it
    paid: bool = True  # how it ends
    keeps: int = 0  # books that are in the cart and not in the order
    later: bool = False  # charged when it is shipped, by a step of its own
    jobs: bool = True  # False where the deadly step is what the server would do by itself
    charges: Charges = NO_CHARGES  # beside the books
    announced: bool = True  # False: charged without a press on Pay, so that only Stripe's news can tell of it

    def __str__(self) -> str:
        return f"{self.deadly.__name__} {self.name}".replace("_", " ").strip()


ON_OUR_PAGE = (fill_the_cart, check_out, open_the_pay_page, press_pay, confirm, come_back, hear_from_stripe)
ON_STRIPES_PAGE = (fill_the_cart, check_out, go_to_stripes_page, pay_there, come_back, hear_from_stripe)
NOW = (
    *(fill_the_cart_with_another, buy_now, open_the_pay_page, press_pay),
    *(confirm, come_back, hear_from_stripe),
)
WITH_A_CODE = (
    *(fill_the_cart, make_a_code, type_the_code, check_out),
    *(press_pay, confirm, come_back, hear_from_stripe),
)
CHANGED = (
    *(fill_the_cart, check_out, add_another_book, check_out_the_changed_cart),
    *(press_pay, confirm, come_back),
)
BACK_ON_OUR_PAGE = (
    *(fill_the_cart, check_out, go_to_stripes_page, pay_here_after_all),
    *(open_the_pay_page, press_pay, confirm, come_back),
)
TOLD_FIRST = (fill_the_cart, check_out, press_pay, confirm, hear_from_stripe, come_back)
GONE = (
    *(fill_the_cart, check_out, somebody_buys_the_last_copies),
    *(confirm, hear_from_stripe, get_the_money_back),
)
PAID = (fill_the_cart, check_out, press_pay, confirm, come_back)
REFUNDED = (*PAID, refund_by_hand, hear_from_stripe, compare_the_refund)
OF_A_FILE = (
    *(fill_the_cart_with_an_e_book, check_out, press_pay, confirm, come_back),
    *(download, compare_the_downloads),
)
SENT = (
    *(fill_the_cart, choose_a_country, check_out, press_pay_with_shipping_and_tax),
    *(confirm_with_an_address, come_back, see_the_address),
)
ABROAD = Charges(read_rates("US=4.99, CA=9.99", "usd"), read_tax_rates("US=8.25, CA=5", "exclusive"))
SHIPPED = (fill_the_cart, check_out, capture_later, press_pay, confirm, come_back, capture)
SIGNED_IN = (
    *(fill_the_cart, check_out, sign_in, open_the_pay_page),
    *(press_pay, confirm_and_save_the_card, come_back),
)
WITH_A_SAVED_CARD = (
    *(sign_in, fill_the_cart, check_out, open_the_pay_page, save_a_card),
    *(press_pay, confirm_with_the_saved_card, come_back, remove_the_card, see_that_it_is_gone),
)
SIGNED_IN_ON_STRIPES_PAGE = (fill_the_cart, check_out, sign_in, go_to_stripes_page, pay_there, come_back)
LAPSED = (fill_the_cart, check_out, press_pay, a_quarter_of_an_hour, recover)
LAPSED_THERE = (fill_the_cart, check_out, go_to_stripes_page, an_hour, recover)
JOURNEYS = [
    *(
        Journey("(on our page)", ON_OUR_PAGE, deadly)
        for deadly in (check_out, open_the_pay_page, press_pay, come_back, hear_from_stripe)
    ),
    *(
        Journey("(on stripe's page)", ON_STRIPES_PAGE, deadly)
        for deadly in (go_to_stripes_page, come_back, hear_from_stripe)
    ),
    *(Journey("(now)", NOW, deadly, keeps=1) for deadly in (buy_now, press_pay, come_back)),
    *(Journey("(with a code)", WITH_A_CODE, deadly) for deadly in (press_pay, come_back)),
    Journey("(before the shopper is back)", TOLD_FIRST, hear_from_stripe),
    Journey("", CHANGED, check_out_the_changed_cart),
    Journey("", BACK_ON_OUR_PAGE, pay_here_after_all),
    Journey("", (fill_the_cart, check_out, press_pay, cancel), cancel, paid=False),
    Journey("(of a charge without a book)", GONE, hear_from_stripe, announced=False),
    Journey("(of a refund)", REFUNDED, hear_from_stripe),
    Journey("(by command)", (*PAID, refund, compare_the_refund), refund),
    *(Journey("(of what ships later)", SHIPPED, deadly, later=True) for deadly in (come_back, capture)),
    *(Journey("(that is sent abroad)", SENT, deadly, charges=ABROAD) for deadly in (check_out, come_back)),
    Journey("", SIGNED_IN, sign_in, jobs=False),
    *(Journey("(signed in)", SIGNED_IN, deadly) for deadly in (open_the_pay_page, come_back)),
    *(Journey("(with a saved card)", WITH_A_SAVED_CARD, deadly) for deadly in (press_pay, remove_the_card)),
    Journey("(signed in)", SIGNED_IN_ON_STRIPES_PAGE, go_to_stripes_page),
    Journey("(with an e-book)", OF_A_FILE, come_back),
    Journey("", OF_A_FILE, download),
    Journey("", (*PAID, send_letters), send_letters, jobs=False),
    Journey("(a payment)", (fill_the_cart, check_out, press_pay, confirm, recover), recover, jobs=False),
    Journey("(a press that lapsed)", LAPSED, recover, paid=False, jobs=False),
    Journey("(a session that lapsed)", LAPSED_THERE, recover, paid=False, jobs=False),
    Journey("(an order that nobody pays)", (fill_the_cart, check_out, sweep), sweep, paid=False, jobs=False),
]
