"""dbt's adapter type `redshift_data`: every macro of dbt-redshift, over sessions of the Redshift Data API."""

from __future__ import annotations

from dbt.adapters.base.plugin import AdapterPlugin
from dbt.adapters.redshift_data.credentials import RedshiftDataCredentials
from dbt.adapters.redshift_data.impl import Redshift_DataAdapter
from dbt.include import redshift_data

Plugin = AdapterPlugin(
    adapter=Redshift_DataAdapter,  # type: ignore[arg-type]  # the class is the type that is meant
    credentials=RedshiftDataCredentials,
    include_path=redshift_data.PACKAGE_PATH,
    dependencies=["redshift"],
)
