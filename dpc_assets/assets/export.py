"""Group export: the marts as Parquet under processed/, month by month."""

from collections.abc import Iterator
from typing import Any

from dagster import AssetExecutionContext, AssetKey, AssetSpec, MaterializeResult, multi_asset

from dpc_assets.assets.calls import OWNERS, materialize
from dpc_assets.assets.code_version import of_modules
from dpc_assets.assets.dq import RESULTS
from dpc_assets.resources import PipelineResource
from dpc_assets.steps import export

EXPORTS = tuple(AssetKey(["export", dataset]) for dataset in export.DATASETS)


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
