"""The pipeline as declared: it loads without a warning, its keys are these, its policies are set."""

import subprocess
import sys
from pathlib import Path

import pytest
from dagster import AssetKey, Definitions

from dpc_assets.assets.dbt_project import ensure_dbt_manifest

ROOT = Path(__file__).parents[2]

KEYS = [
    "archive/raw",
    "dq/results_checks",
    "export/cost_monthly",
    "export/dpc_monthly",
    "export/facility_monthly",
    "export/fact_stay",
    "export/submission_board",
    "mart/cost_monthly",
    "mart/dpc_monthly",
    "mart/facility_monthly",
    "mart/fact_stay",
    "mart/submission_board",
    "raw/dn",
    "raw/efg",
    "raw/efn",
    "raw/ff1",
    "raw/ff4",
    "raw/hn",
    "raw/kn",
    "raw/loads",
    "raw/submissions",
    "ref/attention_icd10",
    "ref/attention_icd10_ranges",
    "ref/departments",
    "ref/dim_date",
    "ref/dim_department",
    "ref/dim_dpc_code",
    "ref/dim_facility",
    "ref/dim_icd10",
    "ref/dpc_codes",
    "ref/dpc_points_import",
    "ref/icd10_codes",
    "ref/nursing_item_points",
    "ref/nursing_rules",
    "stage/stg_dn",
    "stage/stg_efg",
    "stage/stg_efn",
    "stage/stg_ff1",
    "stage/stg_ff1_admission",
    "stage/stg_ff1_department",
    "stage/stg_ff1_diagnosis",
    "stage/stg_ff1_discharge",
    "stage/stg_ff1_patient",
    "stage/stg_ff1_period",
    "stage/stg_ff1_readmission",
    "stage/stg_ff1_surgery",
    "stage/stg_ff1_ward_group",
    "stage/stg_ff4",
    "stage/stg_hn",
    "stage/stg_hn_a",
    "stage/stg_hn_b",
    "stage/stg_hn_target",
    "stage/stg_kn",
    "stage/stg_stay_day_hn",
    "stage/stg_stay_month_dn",
    "stage/stg_stay_month_efn",
]


@pytest.fixture(scope="module")
def defs() -> Definitions:
    ensure_dbt_manifest()
    from dpc_assets.definitions import defs

    return defs


def test_definitions_load_without_a_warning() -> None:
    ensure_dbt_manifest()
    code = "from dpc_assets.definitions import defs; print(len(defs.resolve_all_asset_keys()))"
    third_party = "ignore:sqlglotrs is deprecated:DeprecationWarning"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", third_party, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == f"{len(KEYS)}\n"


def test_the_asset_keys_are_these(defs: Definitions) -> None:
    assert sorted(key.to_user_string() for key in defs.resolve_all_asset_keys()) == KEYS


def test_every_asset_is_described_owned_and_in_the_group_of_its_schema(defs: Definitions) -> None:
    for spec in defs.resolve_all_asset_specs():
        name = spec.key.to_user_string()
        assert spec.group_name == spec.key.path[0], name
        assert spec.owners == ["team:dpc"], name
        assert spec.kinds, name
        assert spec.description and any(ord(letter) > 0x3000 for letter in spec.description), name
        assert spec.code_version or name == "ref/dpc_points_import", name


def test_submission_months_partition_raw_and_stage_only(defs: Definitions) -> None:
    graph = defs.resolve_asset_graph()
    partitioned = {key.to_user_string() for key in graph.toposorted_asset_keys if graph.get(key).partitions_def}
    assert partitioned == {key for key in KEYS if key.startswith(("raw/", "stage/"))} - {"raw/loads"}
    for key in graph.toposorted_asset_keys:
        node = graph.get(key)
        if node.partitions_def is not None:
            assert node.partitions_def.get_first_partition_key() == "2025-04"
            assert node.backfill_policy.max_partitions_per_run == 1


def test_marts_depend_on_what_is_loaded_and_export_waits_for_quality(defs: Definitions) -> None:
    graph = defs.resolve_asset_graph()
    loads, quality = AssetKey(["raw", "loads"]), AssetKey(["dq", "results_checks"])
    for key in graph.toposorted_asset_keys:
        if key.path[0] == "mart":
            assert loads in graph.get(key).parent_keys
        if key.path[0] == "export":
            assert graph.get(key).parent_keys == {AssetKey(["mart", key.path[1]]), quality}
    assert graph.get(AssetKey(["raw", "dn"])).parent_keys == {AssetKey(["raw", "submissions"])}


def test_dbt_errors_block_and_quality_rules_do_not(defs: Definitions) -> None:
    from dpc_assets.assets.dbt_project import read_manifest
    from dpc_assets.steps import rules

    graph = defs.resolve_asset_graph()
    tests = {
        node["name"]: node["config"]["severity"].lower()
        for node in read_manifest()["nodes"].values()
        if node["resource_type"] == "test"
    }
    names = set()
    for key in graph.asset_check_keys:
        spec = graph.get_check_spec(key)
        if key.asset_key.path[0] == "dq":
            names.add(key.name)
            assert not spec.blocking
        else:
            assert spec.blocking == (tests[key.name] == "error"), key.name
    assert names == {rule.id for rule in rules.catalog()}


def test_jobs_schedule_and_sensors(defs: Definitions) -> None:
    assert {job.name for job in defs.jobs or ()} == {"monthly", "marts", "archive"}
    found = {each.name: (each.job.name, each.cron_schedule, each.execution_timezone) for each in defs.schedules or ()}
    assert found == {
        "daily": ("marts", "0 3 * * *", "Asia/Tokyo"),
        "daily_archive": ("archive", "30 3 * * *", "Asia/Tokyo"),
    }
    assert {sensor.name for sensor in defs.sensors or ()} == {"new_submissions", "summary"}


def test_the_instance_has_one_run_at_a_time_and_no_dialog() -> None:
    import yaml

    settings = yaml.safe_load((ROOT / "dpc_assets" / "cli" / "dagster.yaml").read_text(encoding="utf-8"))
    assert settings["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert settings["telemetry"]["enabled"] is False
    assert settings["nux"]["enabled"] is False
