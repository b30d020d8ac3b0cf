"""The shop as Dagster sees it: five assets and a check."""

from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    Definitions,
    MonthlyPartitionsDefinition,
    RetryPolicy,
    asset,
    asset_check,
)

from shop import checks, steps

MONTHS = MonthlyPartitionsDefinition(start_date="2025-01", fmt="%Y-%m")

raw_customers = asset(group_name="raw", metadata={"aws": {"lambda": {}}})(steps.raw_customers)


@asset(
    group_name="raw",
    partitions_def=MONTHS,
    retry_policy=RetryPolicy(max_retries=2, delay=10),
    metadata={"aws": {"lambda": {"run": "shop.steps:raw_orders"}, "duration_s": 30}},
)
def raw_orders(context: AssetExecutionContext) -> None:
    steps.raw_orders(context.partition_key)


raw_payments = asset(deps=[raw_orders], group_name="raw", metadata={"aws": {"lambda": {"memory_mb": 1024}}})(
    steps.raw_payments
)


@asset(
    deps=[raw_customers, raw_orders, raw_payments],
    group_name="mart",
    kinds={"json"},
    owners=["team:shop"],
    metadata={"aws": {"lambda": {"run": "shop.steps:orders"}, "duration_s": 90}},
)
def orders() -> None:
    steps.orders()


@asset(
    deps=[orders],
    group_name="mart",
    metadata={"aws": {"lambda": {"run": "shop.steps:monthly_figures", "timeout_s": 60}}},
)
def monthly_figures() -> None:
    steps.monthly_figures()


@asset_check(
    asset=orders, blocking=True, metadata={"aws": {"lambda": {"run": "shop.checks:orders_are_paid", "timeout_s": 30}}}
)
def orders_are_paid() -> AssetCheckResult:
    return AssetCheckResult(passed=checks.orders_are_paid())


defs = Definitions(
    assets=[raw_customers, raw_orders, raw_payments, orders, monthly_figures],
    asset_checks=[orders_are_paid],
    metadata={"aws": {"machine": "shop", "prefix": "shop-", "env": {"SHOP_FOLDER": "/mnt/shop"}}},
)
