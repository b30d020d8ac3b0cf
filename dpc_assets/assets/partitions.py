"""Months: the partition key of everything that is loaded by submission month."""

from collections.abc import Sequence

from dagster import AssetExecutionContext, AssetsDefinition, BackfillPolicy, MonthlyPartitionsDefinition

FIRST_MONTH = "2025-04"
"""The first survey month whose record layouts are known."""

MONTHS = MonthlyPartitionsDefinition(start_date=FIRST_MONTH, fmt="%Y-%m", timezone="Asia/Tokyo", end_offset=1)
"""2025-04 to the month that is running: a month's files may arrive before it has ended."""

MONTHS_TAG = "dpc/months"
"""Run tag of an unpartitioned run: the months it was asked for, separated by commas."""


def one_month_a_run(asset: AssetsDefinition) -> AssetsDefinition:
    """The asset with a backfill policy of one partition a run, set in the one way that prints no warning."""
    return asset.with_attributes(backfill_policy=BackfillPolicy.multi_run(max_partitions_per_run=1))


def months_of(context: AssetExecutionContext) -> tuple[str, ...]:
    """The months a step is called with: the partition, or those the run is tagged with (none: its own choice)."""
    if context.has_partition_key:
        return (context.partition_key,)
    return tuple(month for month in context.run.tags.get(MONTHS_TAG, "").split(",") if month)


def known_months() -> Sequence[str]:
    return MONTHS.get_partition_keys()
