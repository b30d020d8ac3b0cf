"""Group dq: each quality rule is a check of `dq/results_checks`; none blocks: export holds the month instead."""

from collections.abc import Iterator, Sequence
from typing import Any

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    MetadataValue,
    multi_asset,
)

from dpc_assets.assets import aws
from dpc_assets.assets.calls import OWNERS, materialize
from dpc_assets.assets.code_version import of_modules
from dpc_assets.assets.previews import markdown
from dpc_assets.resources import PipelineResource
from dpc_assets.steps import check_quality, rules
from dpc_assets.steps.ports import Warehouse

RESULTS = AssetKey(["dq", "results_checks"])

RESULTS_IN_AWS = aws.step(
    check_quality.run,
    [*aws.WAREHOUSE, aws.lists("ref/"), aws.reads("ref/waivers.csv"), aws.DECRYPTS],
    writes=True,
)

_SEVERITY = {"CRITICAL": AssetCheckSeverity.ERROR}


def check_specs() -> list[AssetCheckSpec]:
    """One check a rule, named by its id."""
    return [
        AssetCheckSpec(
            name=rule.id,
            asset=RESULTS,
            description=f"{rule.severity}: {rule.title_ja} / {rule.title_en} ({rule.source})",
            metadata={"severity": rule.severity, "target": rule.target, "source": rule.source},
            blocking=False,
        )
        for rule in rules.catalog()
    ]


def check_results(warehouse: Warehouse, run_id: str) -> Iterator[AssetCheckResult]:
    """The outcome of each rule in this run, over all facilities and months that were judged."""
    for outcome in check_quality.outcomes(warehouse, run_id):
        rule = outcome.rule
        metadata: dict[str, MetadataValue] = {
            "failed_rows": MetadataValue.int(outcome.failed_rows),
            "facility_months_failed": MetadataValue.int(outcome.failed),
            "facility_months_passed": MetadataValue.int(outcome.passed),
            "facility_months_not_applicable": MetadataValue.int(outcome.not_applicable),
        }
        if outcome.failures:
            table = markdown(["month", "facility", "rows", "first keys"], outcome.failures)
            metadata["where"] = MetadataValue.md(table)
        yield AssetCheckResult(
            asset_key=RESULTS,
            check_name=rule.id,
            passed=outcome.failed == 0,
            severity=_SEVERITY.get(rule.severity, AssetCheckSeverity.WARN),
            description=f"{outcome.message_ja} / {outcome.message_en}" if outcome.failed else None,
            metadata=metadata,
        )


def results_checks(judged: Sequence[AssetKey]) -> AssetsDefinition:
    """The asset `dq/results_checks`, made after `judged`."""

    @multi_asset(
        name="dq_results_checks",
        specs=[
            AssetSpec(
                RESULTS,
                deps=judged,
                group_name="dq",
                kinds={"sql", "table"},
                owners=OWNERS,
                code_version=of_modules(check_quality, rules),
                metadata=aws.declared(RESULTS_IN_AWS, seconds=60),
                description=(
                    "品質検査の結果。粒度: 実行 × 月 × 施設 × 規則。CRITICAL が残る月は出力を保留する。\n\n"
                    "Quality results. Grain: run, month, facility, rule. Judged are the months of the run and every "
                    "month whose marts differ from its last export; a CRITICAL failure that is not waived holds the "
                    "export of its month and of no other."
                ),
            )
        ],
        check_specs=check_specs(),
    )
    def dq_results_checks(
        context: AssetExecutionContext, pipeline: PipelineResource
    ) -> Iterator[MaterializeResult[Any] | AssetCheckResult]:
        ports = pipeline.ports()
        yield from materialize(check_quality.run, context, ports)
        yield from check_results(ports.warehouse, context.run.run_id)

    return dq_results_checks
