"""Migrations: every table of the release, once, and again without effect."""

import pytest
from warehouse_place import Place

from dpc_assets.formats.ddl import raw_columns
from dpc_assets.formats.registry import FILE_TYPES
from dpc_assets.steps import migrate
from dpc_assets.steps.errors import InputError, WarehouseError

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


def test_a_migration_that_fails_in_the_middle_keeps_what_came_before(place: Place) -> None:
    first = migrate.Migration("9001_first", ("CREATE SCHEMA one",))
    last = migrate.Migration("9003_last", ("CREATE SCHEMA three",))
    wrong = migrate.Migration("9002_wrong", ("CREATE SCHEMA two", "SELECT wrong FROM nowhere"))
    mended = migrate.Migration("9002_wrong", ("CREATE SCHEMA two",))
    with pytest.raises(WarehouseError, match=r"migrate-9002_wrong: statement 2 of 3: .*nowhere"):
        migrate.apply(place.ports, [first, wrong, last])
    made = "SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ('one', 'two', 'three') ORDER BY 1"
    assert place.rows(made) == [("one",)]
    assert place.rows("SELECT * FROM raw.schema_migrations") == [("9001_first", first.digest)]
    found = migrate.apply(place.ports, [first, mended, last])
    assert found == migrate.Outcome(applied=("9002_wrong", "9003_last"), known=("9001_first",))
    assert place.rows(made) == [("one",), ("three",), ("two",)]
    assert migrate.apply(place.ports, [first, mended, last]).applied == ()


def test_every_migration_that_differs_is_named_before_anything_is_done(place: Place) -> None:
    place.migrate()
    wanted = [migrate.Migration(name, ("SELECT 1",)) for name in ("0003_loads", "0004_quality", "0005_new")]
    with pytest.raises(InputError) as refused:
        migrate.apply(place.ports, wanted)
    told = str(refused.value)
    assert ["migration 0003_loads differs" in told, "migration 0004_quality differs" in told] == [True, True]
    assert "0005_new" not in told
    assert len(place.rows("SELECT * FROM raw.schema_migrations")) == 4


def test_a_laptop_passes_over_what_only_redshift_has(place: Place) -> None:
    place.migrate()
    assert place.rows("SELECT name FROM raw.schema_migrations WHERE name >= '1'") == []
    assert not [each for each in migrate.migrations() if each.redshift_only or each.alone]


def test_a_file_says_in_its_first_line_where_it_is_for_and_how() -> None:
    both = "GRANT a;\n-- why\nGRANT b;\n"
    assert migrate._of_file("n", both) == migrate.Migration("n", ("GRANT a", "GRANT b"))
    assert migrate._of_file("n", f"-- redshift only\n{both}") == migrate.Migration("n", ("GRANT a", "GRANT b"), True)
    alone = migrate._of_file("n", f"-- redshift only, each statement by itself\n{both}")
    assert alone == migrate.Migration("n", ("GRANT a", "GRANT b"), True, True)
