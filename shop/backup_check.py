"""Whether what a backup holds is a shop's, which its file alone does not tell."""

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import SQLAlchemyError

from shop.db import Base
from shop.migrating import upgrade
from shop.models import Book  # noqa: F401 (importing the models fills the metadata)


def bring_up_to_date(connection: Connection) -> None:
    """Migrate it, and see that every column of every table is there. Raises ValueError with what is wrong."""
    try:
        upgrade(connection)
        found = {
            (name, column["name"])
            for (_, name), columns in inspect(connection).get_multi_columns().items()
            for column in columns
        }
    except SQLAlchemyError as error:
        raise ValueError(
            f"it is no backup of a shop, or cannot be migrated ({str(error).splitlines()[0]})"
        ) from error
    needed = {(table.name, column.name) for table in Base.metadata.sorted_tables for column in table.columns}
    if lacking := sorted(needed - found):
        raise ValueError(f"it is no backup of a shop ({'.'.join(lacking[0])} is not in it)")
