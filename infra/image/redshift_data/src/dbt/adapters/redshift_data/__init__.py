"""dbt adapter `redshift_data`: everything of dbt-redshift but the connection, which is a session of the Data API."""

from dbt.adapters.base import AdapterPlugin
from dbt.adapters.redshift_data.credentials import RedshiftDataCredentials
from dbt.adapters.redshift_data.impl import Redshift_DataAdapter
from dbt.include import redshift_data

Plugin = AdapterPlugin(
    adapter=Redshift_DataAdapter,
    credentials=RedshiftDataCredentials,
    include_path=redshift_data.PACKAGE_PATH,
    dependencies=["redshift"],
)
