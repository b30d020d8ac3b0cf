"""dbt-redshift's connection manager without its driver: connections are sessions of the Data API."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any

from dbt.adapters.contracts.connection import AdapterResponse, Connection, ConnectionState
from dbt.adapters.redshift.connections import RedshiftConnectionManager
from dbt.adapters.redshift_data.credentials import RedshiftDataCredentials
from dbt.adapters.redshift_data.handle import Handle
from dbt.adapters.redshift_data.sessions import Sessions
from dbt.adapters.redshift_data.statements import Place, Statements, client


class RedshiftDataConnectionManager(RedshiftConnectionManager):
    """One client and one pool of sessions for all threads of a dbt process."""

    TYPE = "redshift_data"

    def __init__(self, profile: Any, mp_context: Any) -> None:
        super().__init__(profile, mp_context)  # type: ignore[no-untyped-call]
        self._said: RedshiftDataCredentials = profile.credentials
        self._sessions = Sessions(self._said.session_keep_alive)
        self._making = threading.Lock()

    @cached_property
    def _made(self) -> Statements:
        said = self._said
        return Statements(client(said.region), Place(said.workgroup, said.database, said.session_keep_alive))

    def open(self, connection: Connection) -> Connection:  # type: ignore[override]  # dbt calls it on the manager
        """Calls nothing: the session opens with its first statement."""
        if connection.state != ConnectionState.OPEN:
            with self._making:
                statements = self._made
            connection.handle = Handle(statements, self._sessions, self._said.lazy_begin)
            connection.state = ConnectionState.OPEN
        return connection

    def _should_skip_transaction_statements(self) -> bool:
        """Never, whatever the flag of dbt-redshift says: a delete and its insert would commit one by one."""
        return False

    def cancel(self, connection: Connection) -> None:
        connection.handle.cancel()

    @classmethod
    def get_response(cls, cursor: Any) -> AdapterResponse:
        return AdapterResponse(_message="SUCCESS", rows_affected=cursor.rowcount, query_id=cursor.query_id)

    @classmethod
    def data_type_code_to_name(cls, type_code: int | str) -> str:
        """The service names types itself."""
        return str(type_code)
