"""The adapter: dbt-redshift's, but for the connection and the size of a seed's statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbt.adapters.base.meta import available
from dbt.adapters.redshift.impl import RedshiftAdapter
from dbt.adapters.redshift_data import statements
from dbt.adapters.redshift_data.connections import RedshiftDataConnectionManager

if TYPE_CHECKING:
    import agate


class Redshift_DataAdapter(RedshiftAdapter):
    """The odd name is dbt's doing: it makes the module's name, redshift_data, out of the class's."""

    ConnectionManager = RedshiftDataConnectionManager

    @available
    def seed_batch_rows(self, agate_table: agate.Table) -> int:
        """How many rows of a seed go into one INSERT."""
        return statements.rows_that_fit(agate_table.column_names, agate_table.rows)
