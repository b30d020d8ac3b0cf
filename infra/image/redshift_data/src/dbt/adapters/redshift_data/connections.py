"""dbt's connection manager over sessions of the Data API."""

from __future__ import annotations

import threading
from typing import Any

from dbt.adapters.contracts.connection import AdapterResponse, Connection, ConnectionState
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.redshift.connections import RedshiftConnectionManager
from dbt.adapters.redshift_data import calls
from dbt.adapters.redshift_data.credentials import RedshiftDataCredentials
from dbt.adapters.redshift_data.handle import Cursor, Handle, Warehouse
from dbt.adapters.redshift_data.pool import Pool
from dbt_common.events.contextvars import get_node_info

logger = AdapterLogger("RedshiftData")

_warehouses: dict[tuple[Any, ...], Warehouse] = {}
_making = threading.Lock()


def warehouse(credentials: RedshiftDataCredentials) -> Warehouse:
    """One client and one pool of sessions for equal settings in a process: making a client takes a tenth of a second."""
    key = tuple(getattr(credentials, name) for name in credentials._connection_keys())
    with _making:
        if key not in _warehouses:
            client = calls.client(credentials.region, credentials.endpoint_url)
            pool = Pool(credentials.max_sessions, credentials.session_keep_alive_seconds)
            _warehouses[key] = Warehouse(
                client,
                credentials.workgroup_name,
                credentials.database,
                credentials.session_keep_alive_seconds,
                credentials.wait_seconds,
                pool,
            )
        return _warehouses[key]


class RedshiftDataConnectionManager(RedshiftConnectionManager):
    TYPE = "redshift_data"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        if connection.state == ConnectionState.OPEN:
            return connection
        credentials = connection.credentials

        def name() -> str:
            return str((get_node_info() or {}).get("unique_id") or connection.name or "dbt")

        def connect() -> Handle:
            handle = Handle(warehouse(credentials), name)
            if credentials.user is None:
                try:
                    credentials.user = str(handle.cursor().execute("select current_user").fetchall()[0][0])
                except BaseException:
                    handle.close()
                    raise
            return handle

        return cls.retry_connection(connection, connect=connect, logger=logger, retryable_exceptions=())

    def cancel(self, connection: Connection) -> None:
        connection.handle.cancel()

    def _should_skip_transaction_statements(self) -> bool:
        """Never, whatever the project's flags say: delete and insert of a model are one transaction."""
        return False

    @classmethod
    def get_response(cls, cursor: Cursor) -> AdapterResponse:
        return AdapterResponse(_message="SUCCESS", rows_affected=cursor.rowcount, query_id=cursor.query_id)

    @classmethod
    def data_type_code_to_name(cls, type_code: int | str) -> str:
        """The API tells types by name."""
        return str(type_code)
