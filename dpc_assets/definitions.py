"""The pipeline as Dagster sees it: assets, checks, jobs, schedule, sensors, resources.

The dbt manifest is prepared before this module is imported (assets.dbt_project.ensure_dbt_manifest; `make dev` and
`dpc run` do it). Nothing here reads the environment: resources do when a run starts.
"""

from dagster import AssetKey, AssetsDefinition, Definitions, in_process_executor

from dpc_assets.assets import archive, automation, aws, dbt, dq, export, raw
from dpc_assets.resources import LakeResource, NotifierResource, PipelineResource, WarehouseResource


def build() -> Definitions:
    """The definitions; raises DbtProjectError where the dbt manifest has not been prepared."""
    lake, warehouse = LakeResource(), WarehouseResource()
    dbt_by_month, dbt_in_full = dbt.dbt_definitions()
    judged = sorted(
        {raw.LOADS, *raw.TYPES, *dbt_by_month.keys, *(key for key in dbt_in_full.keys if key.path[0] == "mart")}
    )
    results = dq.results_checks(judged)
    by_month = [raw.submissions, raw.raw_types, dbt_by_month]
    in_full = [raw.loads, dbt_in_full, results, export.exports]
    started = automation.automation(
        [*_keys(by_month), *_needed_first(dbt_by_month, dbt_in_full)],
        _keys(in_full),
        [archive.ARCHIVE],
    )
    return Definitions(
        assets=[*by_month, *in_full, archive.archived_raw, dbt.POINTS_IMPORT],
        jobs=started.jobs,
        schedules=started.schedules,
        sensors=started.sensors,
        executor=in_process_executor,
        resources={
            "lake": lake,
            "warehouse": warehouse,
            "pipeline": PipelineResource(lake=lake, warehouse=warehouse, notifier=NotifierResource()),
            "dbt": dbt.dbt_resource(),
        },
        metadata=aws.MACHINE,
    )


def _keys(assets: list[AssetsDefinition]) -> list[AssetKey]:
    return sorted(key for each in assets for key in each.keys)


def _needed_first(by_month: AssetsDefinition, in_full: AssetsDefinition) -> list[AssetKey]:
    """Assets built in full that a month is made from (seeds), with everything they are made from."""
    parents = in_full.asset_deps
    needed: set[AssetKey] = set()
    waiting = [key for deps in by_month.asset_deps.values() for key in deps]
    while waiting:
        key = waiting.pop()
        if key in parents and key not in needed:
            needed.add(key)
            waiting += parents[key]
    return sorted(needed)


defs = build()
