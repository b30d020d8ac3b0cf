"""dbt-redshift's adapter over the Data API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dbt.adapters.base.meta import available
from dbt.adapters.redshift.impl import RedshiftAdapter
from dbt.adapters.redshift_data.connections import RedshiftDataConnectionManager
from dbt.adapters.redshift_data.literals import batches


class Redshift_DataAdapter(RedshiftAdapter):
    """dbt makes the name of the package from the class's (`BaseAdapter.get_adapter_run_info`), hence the underscore."""

    ConnectionManager = RedshiftDataConnectionManager

    @available.parse_list
    def seed_batches(self, head: str, table: Any) -> list[list[Sequence[Any]]]:
        """Rows of an agate table for `insert` statements that begin with `head`, none longer than the service takes."""
        return batches(head, table.rows)

    def standardize_grants_dict(self, grants_table: Any) -> dict[str, Any]:
        """dbt-redshift leaves out the user that it logs in as; here the warehouse says who that is."""
        credentials = self.config.credentials
        credentials.user = credentials.user or self._current_user()
        found: dict[str, Any] = super().standardize_grants_dict(grants_table)
        return found

    def _current_user(self) -> str:
        _, table = self.execute("select current_user", fetch=True)
        return str(table.rows[0][0])
