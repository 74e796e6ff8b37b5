"""The account's balance: what its balance transactions add up to, in each currency."""

from quart import Blueprint

from ..call import Call
from ..errors import Json
from ..store import now
from ..wire import endpoint

routes = Blueprint("sandbox_balance", __name__)


@routes.get("/v1/balance")
@endpoint()
def retrieve(call: Call) -> Json:
    return of_account(call)


def of_account(call: Call) -> Json:
    rows = call.store.db.execute(
        "SELECT json_extract(body, '$.currency') AS currency, "
        "sum(CASE WHEN json_extract(body, '$.available_on') <= ? THEN json_extract(body, '$.net') END) AS here, "
        "sum(CASE WHEN json_extract(body, '$.available_on') > ? THEN json_extract(body, '$.net') END) AS coming "
        "FROM objects WHERE object = 'balance_transaction' GROUP BY 1 ORDER BY 1",
        (now(), now()),
    ).fetchall()
    sums = [(row["currency"], row["here"] or 0, row["coming"] or 0) for row in rows] or [("usd", 0, 0)]
    return {
        "object": "balance",
        "available": [_amount(currency, here) for currency, here, _ in sums],
        "livemode": False,
        "pending": [_amount(currency, coming) for currency, _, coming in sums],
    }


def _amount(currency: str, amount: int) -> Json:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}
