"""What is sold."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.db import Base
from shop.words import _, gettext_noop

UNLIMITED = 1_000_000  # what the stock of a file says, for whoever counts


class BookFormat(StrEnum):
    HARDCOVER = "hardcover"
    PAPERBACK = "paperback"
    EBOOK = "ebook"
    AUDIOBOOK = "audiobook"

    @property
    def words(self) -> str:
        return _(FORMATS[self][0])

    @property
    def several(self) -> str:
        return _(FORMATS[self][1])


FORMATS = {
    BookFormat.HARDCOVER: (gettext_noop("hardcover"), gettext_noop("hardcovers")),
    BookFormat.PAPERBACK: (gettext_noop("paperback"), gettext_noop("paperbacks")),
    BookFormat.EBOOK: (gettext_noop("e-book"), gettext_noop("e-books")),
    BookFormat.AUDIOBOOK: (gettext_noop("audiobook"), gettext_noop("audiobooks")),
}


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(200), unique=True)
    isbn: Mapped[str | None] = mapped_column(String(13), unique=True)  # ISBN-13 without hyphens
    title: Mapped[str] = mapped_column(String(300), index=True)
    subtitle: Mapped[str] = mapped_column(String(300), default="")
    authors: Mapped[str] = mapped_column(String(500))  # names separated by "; "
    publisher: Mapped[str] = mapped_column(String(200), default="")
    year: Mapped[int | None]  # of this edition
    first_published: Mapped[int | None]
    format: Mapped[BookFormat]
    category: Mapped[str] = mapped_column(String(100), default="")
    price: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    stock: Mapped[int]  # copies that we have and have not sold
    # Of these, how many are being paid for at the moment: the sum of what StockHold holds.
    held: Mapped[int] = mapped_column(default=0, server_default="0")
    # What an e-book is, in the folder for files. It is never sold out, and nobody holds or takes a copy of it.
    file: Mapped[str | None] = mapped_column(String(200))
    blurb: Mapped[str] = mapped_column(Text, default="")
    # No longer sold. Its row stays, since carts and orders refer to it.
    withdrawn: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Its words as `search` cuts them: of the title and subtitle, and of all that is searched.
    search_title: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    search_text: Mapped[str] = mapped_column(Text)

    __table_args__ = (CheckConstraint("price >= 0", "price"), CheckConstraint("stock >= 0", "stock"))

    @property
    def available(self) -> int:
        """Copies that somebody may still buy."""
        if self.withdrawn:
            return 0
        return UNLIMITED if self.file else max(0, self.stock - self.held)


class CatalogueChange(Base):
    """Written by triggers (migration 0012) when something changes that pages of the catalogue show: see `revision`."""

    __tablename__ = "catalogue_changes"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
