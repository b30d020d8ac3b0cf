"""The DuckDB file that stands for the database: one connection, opened once, a session of it for each of the API's."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import duckdb

from aws_local.data_api.catalog import SETUP
from aws_local.data_api.link import Lake, Link
from aws_local.data_api.rights import ADMINISTRATOR
from dpc_assets.local.execute import INTEGER_DIVISION, SETTINGS

_FIRST_PROCESS = 1_073_741_825


class Warehouse:
    """The database is called as its file: `dpc.duckdb` holds the database `dpc`.

    Nothing else may open the file while this does. lake: where COPY and UNLOAD find the store of an address.
    """

    def __init__(self, path: Path, lake: Lake) -> None:
        self.database = path.stem
        self._lake = lake
        self._processes = itertools.count(_FIRST_PROCESS)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = duckdb.connect(str(path), config=SETTINGS | {"temp_directory": tempfile.gettempdir()})
        self._connection.execute(SETUP)
        self._connection.execute(
            "INSERT INTO _redshift.users SELECT ?, true "
            "WHERE NOT EXISTS (SELECT 1 FROM _redshift.users WHERE usesuper)",
            [ADMINISTRATOR],
        )

    def connect(self, user: str) -> Link:
        """A new database session of this user."""
        cursor = self._connection.cursor()
        cursor.execute(INTEGER_DIVISION)
        cursor.execute("SET schema = 'public'")
        return Link(cursor, user, next(self._processes), self._lake)

    def close(self) -> None:
        """After it nothing runs any more; what was committed is in the file."""
        self._connection.close()
