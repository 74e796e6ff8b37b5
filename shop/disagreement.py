"""What an audit finds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Disagreement:
    """`about`: the public id of an order, Stripe's id of what has no order, or the slug of a book."""

    about: str
    what: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.about}  {self.what}{': ' if self.detail else ''}{self.detail}"
