"""The dbt project as a whole: generated files are up to date, every column is described in both languages."""

from __future__ import annotations

import re

import duckdb
import pytest
import yaml
from raw_warehouse import warehouse

from dpc_assets.formats import dbt_sources
from dpc_assets.formats.ddl import raw_columns
from dpc_assets.formats.registry import FILE_TYPES
from dpc_assets.local.compiled import PROJECT, build

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龯]|[A-ZＩⅠⅡⅢ]")

CONTRACT = {
    "fact_stay": """facility_code patient_data_id admission_date same_day_no discharge_date yyyymm sex age_at_admission
        department_code admission_route planned_emergency_code emergency_flag ambulance_flag outcome_code died_flag
        discharge_destination los_inclusive los_nights main_icd10 trigger_icd10 resource_icd10 dpc_code mdc surgery_flag
        icu_flag insurance_combination claim_points inclusive_points adjustment_points claim_ffs_points
        ffs_equivalent_points claim_minus_ffs_points los_period readmitted_within_7d readmitted_within_30d
        unplanned_readmitted_within_30d nursing_evaluated_days nursing_qualifying_days""",
    "facility_monthly": """facility_code yyyymm discharges alos_inclusive mortality_rate emergency_rate ambulance_rate
        surgery_rate transfer_rate readmit_30d_rate unspecified_dx_rate uncoded_dx_rate nursing_rate claim_points""",
    "dpc_monthly": """facility_code yyyymm dpc_code cases alos_inclusive mortality_rate readmit_30d_rate surgery_rate
        share_period_1 share_period_2 share_period_3 share_over claim_points_mean""",
    "cost_monthly": "facility_code yyyymm data_category lines ffs_points drug_points material_points",
    "submission_board": "facility_code yyyymm file_type version status records received_at findings",
}


@pytest.fixture(scope="module")
def built() -> duckdb.DuckDBPyConnection:
    connection = warehouse()
    build(connection)
    return connection


@pytest.fixture(scope="module")
def columns(built: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """table -> column -> type, of an empty build."""
    found: dict[str, dict[str, str]] = {}
    rows = built.execute(
        "select table_schema || '.' || table_name, column_name, data_type from information_schema.columns"
    )
    for table, column, kind in rows.fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def described() -> dict[str, dict]:
    """model or seed -> its entry in the YAML files."""
    found = {}
    for path in sorted([*PROJECT.glob("models/**/*.yml"), *PROJECT.glob("seeds/*.yml")]):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for kind in ("models", "seeds"):
            entries = content.get(kind, [])
            found |= {entry["name"]: entry for entry in entries if isinstance(entry, dict) and "name" in entry}
    return found


def test_generated_files_are_up_to_date() -> None:
    assert dbt_sources.stale(PROJECT) == ()


def test_no_generated_model_is_left_over() -> None:
    made = {path for path in dbt_sources.files() if path.endswith(".sql")}
    marked = {
        str(path.relative_to(PROJECT))
        for path in PROJECT.glob("models/stage/*.sql")
        if path.read_text(encoding="utf-8").startswith("-- Made by")
    }
    assert marked == made


def test_check_tells_what_is_out_of_date(tmp_path, capsys) -> None:
    assert dbt_sources.main([str(tmp_path)]) == 0
    assert dbt_sources.stale(tmp_path) == ()
    (tmp_path / "models/stage/stg_kn.sql").write_text("select 1\n", encoding="utf-8")
    capsys.readouterr()
    assert dbt_sources.main([str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().out == f"out of date: {tmp_path}/models/stage/stg_kn.sql\n"


def test_sources_describe_every_raw_column() -> None:
    content = yaml.safe_load((PROJECT / "models/sources_raw.yml").read_text(encoding="utf-8"))
    tables = {table["name"]: table for source in content["sources"] for table in source["tables"]}
    for file_type in FILE_TYPES:
        names = [column["name"] for column in tables[file_type.lower()]["columns"]]
        assert names == [name for name, _ in raw_columns(file_type)]


def test_every_column_is_described_in_both_languages(columns) -> None:
    entries = described()
    missing = []
    for table, names in columns.items():
        schema, name = table.split(".")
        if schema not in ("stage", "mart", "ref") or name in ("facility_master", "dpc_points_import"):
            continue
        listed = {column["name"]: column for column in entries[name]["columns"]}
        missing += [f"{table}.{column}: not described" for column in names if column not in listed]
        missing += [f"{table}.{column}: described but not there" for column in listed if column not in names]
        for column in listed.values():
            ja = column["config"]["meta"]["ja"]
            if not (ja in column["description"] and JAPANESE.search(ja) and len(column["description"]) > len(ja) + 3):
                missing.append(f"{table}.{column['name']}: {column['description']!r}, ja {ja!r}")
    assert missing == []


def test_every_model_states_its_grain() -> None:
    without = [n for n, entry in described().items() if not re.search(r"Grain: .+", entry["description"])]
    assert without == []


@pytest.mark.parametrize("mart", CONTRACT)
def test_marts_have_the_contract_columns(mart, columns) -> None:
    assert set(CONTRACT[mart].split()) - set(columns[f"mart.{mart}"]) == set()


def test_types_that_users_see(columns) -> None:
    fact = columns["mart.fact_stay"]
    flags = [name for name in fact if name.endswith("_flag") or name.startswith(("readmitted", "unplanned"))]
    assert {fact[name] for name in flags} == {"BOOLEAN"}
    assert {fact[name] for name in fact if name.endswith("_points")} == {"BIGINT"}
    assert {kind for name, kind in columns["mart.facility_monthly"].items() if name.endswith("_rate")} == {"DOUBLE"}
    assert columns["stage.stg_efn"]["service_date"] == "DATE"
    assert columns["stage.stg_efn"]["act_count"] == "INTEGER"
    assert columns["stage.stg_efn"]["quantity"] == "DECIMAL(18,6)"


def test_every_table_has_a_test_of_its_grain(columns) -> None:
    entries = described()
    without = []
    for table in columns:
        schema, name = table.split(".")
        if schema in ("stage", "mart") or name.startswith(("dim_", "attention_icd10")):
            kinds = [next(iter(test)) for test in entries[name].get("data_tests", [])]
            if "unique_grain" not in kinds and name != "attention_icd10_ranges":
                without.append(table)
    assert without == []
