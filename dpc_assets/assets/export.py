"""Group export: the marts as Parquet under processed/, month by month."""

from collections.abc import Iterator
from typing import Any

from dagster import AssetExecutionContext, AssetKey, AssetSpec, MaterializeResult, multi_asset

from dpc_assets.assets import aws
from dpc_assets.assets.calls import OWNERS, materialize
from dpc_assets.assets.code_version import of_modules
from dpc_assets.assets.dq import RESULTS
from dpc_assets.resources import PipelineResource
from dpc_assets.steps import export

EXPORTS = tuple(AssetKey(["export", dataset]) for dataset in export.DATASETS)

EXPORTS_IN_AWS = aws.step(
    export.ready,
    [
        *aws.WAREHOUSE,
        aws.lists("processed/"),
        aws.reads("processed/metadata/*"),
        aws.puts("processed/_success/*", "processed/metadata/*"),
        aws.deletes("processed/*"),
        aws.ENCRYPTS,
    ],
    name="dpc-export",
    writes=True,
)
"""The held months are named by the last step of the machine, so that the others are not stopped."""


@multi_asset(
    name="exports",
    specs=[
        AssetSpec(
            key,
            deps=[AssetKey(["mart", key.path[-1]]), RESULTS],
            group_name="export",
            kinds={"parquet", "file"},
            owners=OWNERS,
            code_version=of_modules(export),
            metadata=aws.declared(EXPORTS_IN_AWS, seconds=60),
            description=(
                f"mart.{key.path[-1]} の Parquet 出力（processed/{key.path[-1]}/month=YYYY-MM/）。\n\n"
                f"mart.{key.path[-1]} as Parquet, a folder a month. Only months whose rows changed are rewritten; "
                "months held by a CRITICAL rule wait; `_SUCCESS` is written last."
            ),
        )
        for key in EXPORTS
    ],
)
def exports(context: AssetExecutionContext, pipeline: PipelineResource) -> Iterator[MaterializeResult[Any]]:
    yield from materialize(export.run, context, pipeline.ports())
