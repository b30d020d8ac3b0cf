"""Groups ref, stage and mart: the dbt models, through dagster-dbt.

Two definitions of one dbt project: what is replaced by submission month (the incremental models) is partitioned; the
seeds, ref and everything from the facts up are rebuilt in full. dbt's own tests arrive as checks; those of severity
error block.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from dagster import (
    AssetCheckEvaluation,
    AssetCheckResult,
    AssetExecutionContext,
    AssetKey,
    AssetMaterialization,
    AssetObservation,
    AssetsDefinition,
    AssetSpec,
    Failure,
    Output,
)
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError
from packaging.version import Version

from dpc_assets.assets import aws
from dpc_assets.assets.calls import OWNERS
from dpc_assets.assets.dbt_project import DBT_FOLDER, dbt_executable, read_manifest
from dpc_assets.assets.partitions import MONTHS, one_month_a_run
from dpc_assets.assets.previews import with_figures
from dpc_assets.assets.raw import LOADS
from dpc_assets.resources import PipelineResource
from dpc_assets.steps.run import compact

BY_MONTH = "config.materialized:incremental"
"""dbt selection of the models that are replaced by submission month."""

SECONDS = {"ref": 5.0, "stage": 20.0, "mart": 15.0}
"""What a model of the schema takes in AWS until a run has been measured, its tests included."""

DbtEvent = Output[Any] | AssetMaterialization | AssetObservation | AssetCheckResult | AssetCheckEvaluation


class Translator(DagsterDbtTranslator):
    """Asset key = schema/name, group = schema. Everything a mart is made from also depends on what is loaded."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        schema, name = dbt_resource_props["schema"], dbt_resource_props["name"]
        if (schema, name) == ("ref", "facility_master"):
            return LOADS  # record_loads fills it together with raw.loads
        return AssetKey([schema, name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return str(dbt_resource_props["schema"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return OWNERS

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props.get("description") or "")

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        kind = "seed" if unique_id.startswith("seed") else "table"
        spec = spec.replace_attributes(kinds={"dbt", kind})
        if not unique_id.startswith("source"):  # those are loaded by other assets
            spec = spec.merge_attributes(metadata=aws.declared(aws.DBT, seconds=SECONDS[str(spec.group_name)]))
        keys = {dep.asset_key for dep in spec.deps}
        if spec.group_name == "mart" and LOADS not in keys:
            spec = spec.replace_attributes(deps=[*spec.deps, LOADS])
        return spec


class Dbt(DbtCliResource):
    """dagster-dbt's resource without its call of `dbt --version` before every command (3 s each)."""

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))


def dbt_resource() -> Dbt:
    return Dbt(project_dir=str(DBT_FOLDER), profiles_dir=str(DBT_FOLDER), dbt_executable=dbt_executable())


POINTS_IMPORT = AssetSpec(
    AssetKey(["ref", "dpc_points_import"]),
    group_name="ref",
    owners=OWNERS,
    kinds={"excel"},
    description=(
        "診断群分類点数表（厚生労働省）。`dpc ref import FILE.xlsx` で取り込む。\n\n"
        "The ministry's points table, loaded by `dpc ref import FILE.xlsx`. Grain: DPC code and first day of validity."
    ),
)
"""Loaded from outside; Dagster only shows it."""


def build_models(
    context: AssetExecutionContext, dbt: DbtCliResource, pipeline: PipelineResource, months: str
) -> Iterator[DbtEvent]:
    """`dbt build` of the selected models and their tests; answers what dbt did, with rows counted when it has ended.

    months: compact, comma-separated; empty for models that are built in full. A dbt failure is a Failure whose
    description holds dbt's messages; what was built before it is kept.
    """
    target = (
        Path(context.instance.root_directory) / "dbt" / f"{context.run.run_id}-{context.op_execution_context.op.name}"
    )
    arguments = ["build", "--exclude-resource-type", "unit_test"]  # those are for `make test`
    if months:
        arguments += ["--vars", f'{{"months": "{months}"}}']
    done: list[DbtEvent] = []
    failure: Failure | None = None
    os.environ["DPC_WAREHOUSE"] = str(pipeline.warehouse.file())  # profiles.yml; dbt runs in another folder
    os.environ.setdefault("DBT_INDIRECT_SELECTION", "buildable")  # no test of a table that may not exist yet
    try:
        for event in dbt.cli(arguments, context=context, target_path=target).stream():
            if isinstance(event, Output):
                context.log.info(f"dbt built {context.asset_key_for_output(event.output_name).to_user_string()}")
            done.append(cast(DbtEvent, event))
    except DagsterDbtCliRuntimeError as error:
        failure = Failure(description=_dbt_words(error), metadata={"log": str(target / "dbt.log")}, allow_retries=False)
    yield from with_figures(context, pipeline.ports().warehouse, done)
    if failure:
        raise failure
    shutil.rmtree(target, ignore_errors=True)


def _dbt_words(error: DagsterDbtCliRuntimeError) -> str:
    """dbt's own messages out of dagster-dbt's report."""
    text = error.description or "dbt failed"
    return text.split("Errors parsed from dbt logs:", 1)[-1].strip()


def dbt_definitions() -> tuple[AssetsDefinition, AssetsDefinition]:
    """(by month, in full) from the prepared manifest."""
    manifest = read_manifest()
    translator = Translator()

    @one_month_a_run
    @dbt_assets(
        name="dbt_by_month",
        manifest=manifest,
        select=BY_MONTH,
        dagster_dbt_translator=translator,
        partitions_def=MONTHS,
    )
    def by_month(context: AssetExecutionContext, dbt: DbtCliResource, pipeline: PipelineResource) -> Iterator[DbtEvent]:
        yield from build_models(context, dbt, pipeline, compact(context.partition_key))

    @dbt_assets(name="dbt_in_full", manifest=manifest, exclude=BY_MONTH, dagster_dbt_translator=translator)
    def in_full(context: AssetExecutionContext, dbt: DbtCliResource, pipeline: PipelineResource) -> Iterator[DbtEvent]:
        yield from build_models(context, dbt, pipeline, "")

    return by_month, in_full
