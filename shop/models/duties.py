"""Who does the work that comes round."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shop.db import Base


class Duty(Base):
    """Who does a periodic job: of several processes, the one that holds it until the moment it is held.
    One that has been done to its end (`jobs.RECOVERED`, `jobs.SWEPT`) was held until then."""

    __tablename__ = "duties"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    until: Mapped[datetime]
