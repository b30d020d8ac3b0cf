"""Migrations: every table of the release, once, and again without effect."""

import pytest
from warehouse_place import Place

from dpc_assets.formats.ddl import raw_columns
from dpc_assets.formats.registry import FILE_TYPES
from dpc_assets.steps import migrate
from dpc_assets.steps.errors import InputError

TABLES = [
    ("dq", "results_checks"),
    ("dq", "results_rows"),
    ("raw", "dn"),
    ("raw", "efg"),
    ("raw", "efn"),
    ("raw", "ff1"),
    ("raw", "ff4"),
    ("raw", "hn"),
    ("raw", "kn"),
    ("raw", "loads"),
    ("raw", "schema_migrations"),
    ("ref", "dpc_points_import"),
    ("ref", "facility_master"),
]


def test_makes_every_table_once(place: Place) -> None:
    assert place.migrate().counts == {"applied": 4}
    assert place.migrate().counts == {"applied": 0}
    found = place.rows("SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2")
    assert found == TABLES
    schemas = place.rows("SELECT schema_name FROM information_schema.schemata WHERE catalog_name = 'dpc' ORDER BY 1")
    assert {name for (name,) in schemas} >= {"raw", "stage", "mart", "ref", "dq", "export"}


@pytest.mark.parametrize("file_type", FILE_TYPES)
def test_raw_columns_are_the_registrys(place: Place, file_type: str) -> None:
    place.migrate()
    found = place.rows(
        "SELECT column_name FROM information_schema.columns "
        f"WHERE table_schema = 'raw' AND table_name = '{file_type.lower()}' ORDER BY ordinal_position"
    )
    assert [name for (name,) in found] == [name for name, _ in raw_columns(file_type)]


def test_the_insurer_is_not_in_raw_kn() -> None:
    assert [name for name, _ in raw_columns("Kn")][5:] == [
        "facility_code",
        "patient_data_id",
        "admission_date",
        "discharge_date",
        "service_month",
        "birth_month",
        "primary_common_id",
    ]


def test_migrations_are_numbered_without_a_gap_and_short() -> None:
    names = [each.name for each in migrate.migrations()]
    assert names == ["0001_schemas", "0002_raw_tables", "0003_loads", "0004_quality"]
    assert all(len(each.statements) < 40 for each in migrate.migrations())
    assert all(";" not in statement.rstrip(";") for each in migrate.migrations() for statement in each.statements)


def test_a_warehouse_of_another_release_is_refused(place: Place) -> None:
    place.migrate()
    place.ports.warehouse.execute(
        ["UPDATE raw.schema_migrations SET digest = 'x' WHERE name = '0003_loads'"], name="older"
    )
    with pytest.raises(InputError, match="migration 0003_loads differs"):
        place.migrate()
