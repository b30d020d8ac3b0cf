"""Months and regions in one set of definitions, beside an asset without partitions."""

from dagster import Definitions, MonthlyPartitionsDefinition, StaticPartitionsDefinition, asset

MONTHS = MonthlyPartitionsDefinition(start_date="2025-04", fmt="%Y-%m")
REGIONS = StaticPartitionsDefinition(["north", "south"])
LAMBDA = {"aws": {"lambda": {"run": "golden_steps:run"}}}


@asset(partitions_def=MONTHS, metadata=LAMBDA)
def orders() -> None: ...


@asset(partitions_def=REGIONS, metadata=LAMBDA)
def stores() -> None: ...


@asset(metadata=LAMBDA)
def countries() -> None: ...


defs = Definitions(assets=[orders, stores, countries])
