"""copy_raw and record_loads over real submissions: what is in use is loaded, whole; what is not, is told."""

import shutil

import pytest
from warehouse_place import Place

from dpc_assets.steps import copy_raw, record_loads, verdict
from dpc_assets.steps.errors import InputError, WarehouseError
from dpc_assets.steps.run import Run

A, B = "131000123", "271000456"
APRIL, MAY = "2025-04", "2025-05"
BOARD = (
    "SELECT submission_yyyymm, submission_facility, file_type, version, newest_version, status, verdict, records, "
    "findings FROM raw.loads WHERE file_type IN ('FF1', 'EFn', 'FF4') ORDER BY 1, 2, 3"
)


@pytest.fixture
def lake(place: Place) -> Place:
    place.migrate()
    return place


def copied(place: Place, month: str = APRIL) -> dict[str, str]:
    return dict(copy_raw.run(Run("test", (month,)), place.ports).versions)


def recorded(place: Place, *months: str) -> str:
    return record_loads.run(Run("test", months), place.ports).versions["raw/loads"]


def lines(place: Place, table: str = "efn") -> list[tuple[object, ...]]:
    return place.rows(
        "SELECT submission_yyyymm, submission_facility, submission_version, COUNT(*) "
        f"FROM raw.{table} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )


def facilities(place: Place, text: str) -> None:
    place.store.write("ref/facilities.csv", text.encode())


def test_a_delivered_month_is_loaded(lake: Place) -> None:
    lake.deliver(APRIL, A, 1, ef_lines=3)
    lake.load(APRIL)
    assert lines(lake) == [("202504", A, 1, 3)]
    assert lake.rows("SELECT line_no, file_name, detail_name, insurer_number FROM raw.efn ORDER BY 1")[0] == (
        1,
        f"EFn_{A}_2504.txt",
        "初診料",
        "  138057",
    )
    assert lake.rows("SELECT line_no FROM raw.ff1") == [(2,)]  # line 1 is the header
    assert lake.rows(BOARD) == [
        ("202504", A, "EFn", 1, 1, "loaded", "passed", 3, ""),
        ("202504", A, "FF1", 1, 1, "loaded", "passed", 1, ""),
        ("202504", A, "FF4", 1, 1, "missing", "passed", None, ""),
    ]
    assert lake.rows("SELECT COUNT(*), COUNT(DISTINCT file_type) FROM raw.loads") == [(7, 7)]
    assert lake.rows("SELECT DISTINCT created_at FROM raw.loads") == [("2025-05-01 00:00:00",)]


def test_loading_again_changes_nothing(lake: Place) -> None:
    lake.deliver(APRIL, A, 1, ef_lines=3)
    lake.load(APRIL)
    before = (
        lake.rows("SELECT * FROM raw.efn ORDER BY line_no"),
        lake.rows("SELECT * FROM raw.loads ORDER BY file_type"),
    )
    versions, loaded = copied(lake), recorded(lake, APRIL)
    lake.load(APRIL)
    after = lake.rows("SELECT * FROM raw.efn ORDER BY line_no"), lake.rows("SELECT * FROM raw.loads ORDER BY file_type")
    assert (before, versions, loaded) == (after, copied(lake), recorded(lake, APRIL))


def test_a_new_version_replaces_all_seven_types(lake: Place) -> None:
    lake.deliver(APRIL, A, 1, ef_lines=3, ff4=True)
    lake.deliver(APRIL, B, 1)
    lake.load(APRIL)
    assert lines(lake, "ff4") == [("202504", A, 1, 1)]
    lake.deliver(APRIL, A, 2, ef_lines=2)
    lake.load(APRIL)
    assert lines(lake) == [("202504", A, 2, 2), ("202504", B, 1, 1)]
    assert lines(lake, "ff4") == []


def test_an_unchanged_resubmission_keeps_the_data_versions(lake: Place) -> None:
    lake.deliver(APRIL, A, 1)
    lake.load(APRIL)
    versions, loaded = copied(lake), recorded(lake, APRIL)
    assert set(versions) == {"raw/ff1", "raw/ff4", "raw/efn", "raw/efg", "raw/dn", "raw/hn", "raw/kn"}
    lake.deliver(APRIL, A, 2)
    lake.load(APRIL)
    assert lines(lake) == [("202504", A, 2, 1)]
    assert (copied(lake), recorded(lake, APRIL)) == (versions, loaded)


def test_a_changed_file_changes_its_own_data_version_only(lake: Place) -> None:
    lake.deliver(APRIL, A, 1)
    lake.load(APRIL)
    versions, loaded = copied(lake), recorded(lake, APRIL)
    lake.deliver(APRIL, A, 2, text="再診料")
    lake.load(APRIL)
    changed = copied(lake)
    assert {key for key in versions if versions[key] != changed[key]} == {"raw/efn"}
    assert recorded(lake, APRIL) != loaded


def test_a_rejected_newer_version_warns_and_the_older_one_stays(lake: Place) -> None:
    lake.deliver(APRIL, A, 1)
    lake.deliver(APRIL, A, 2, spoil=True)
    lake.load(APRIL)
    assert lines(lake) == [("202504", A, 1, 1)]
    assert lake.rows(BOARD) == [
        ("202504", A, "EFn", 1, 2, "warned", "rejected", 1, "v2 rejected: M06 x1"),
        ("202504", A, "FF1", 1, 2, "warned", "rejected", 1, "v2 rejected: M06 x1"),
        ("202504", A, "FF4", 1, 2, "missing", "rejected", None, "v2 rejected: M06 x1"),
    ]


def test_without_a_passing_version_nothing_is_loaded(lake: Place) -> None:
    lake.deliver(APRIL, A, 1, spoil=True)
    lake.load(APRIL)
    assert lines(lake) == []
    assert lake.rows(BOARD) == [
        ("202504", A, "EFn", None, 1, "rejected", "rejected", 1, "v1 rejected: M06 x1"),
        ("202504", A, "FF1", None, 1, "rejected", "rejected", 1, "v1 rejected: M06 x1"),
        ("202504", A, "FF4", None, 1, "missing", "rejected", None, "v1 rejected: M06 x1"),
    ]


def test_rows_go_when_the_loaded_version_no_longer_passes(lake: Place) -> None:
    lake.deliver(APRIL, A, 1)
    lake.load(APRIL)
    lake.deliver(APRIL, A, 1, spoil=True)  # the folder changed after it was judged
    lake.load(APRIL)
    assert lines(lake) == []


def test_a_facility_that_left_the_lake_is_removed(lake: Place) -> None:
    for month in (APRIL, MAY):
        lake.deliver(month, A, 1)
        lake.deliver(month, B, 1)
    lake.load(APRIL, MAY)
    before = recorded(lake, MAY)
    shutil.rmtree(lake.root / "lake" / "raw" / "yyyymm=2025-04" / A)
    assert recorded(lake, MAY) == before  # stage of April still holds it: it goes with April's own run
    assert recorded(lake, APRIL) != before
    assert lines(lake) == [("202504", B, 1, 1), ("202505", A, 1, 1), ("202505", B, 1, 1)]
    assert lake.rows("SELECT COUNT(*) FROM raw.loads") == [(21,)]


def test_lost_parts_fail_the_load_and_the_old_rows_stay(lake: Place) -> None:
    lake.deliver(APRIL, A, 1)
    lake.load(APRIL)
    lake.deliver(APRIL, A, 2, ef_lines=5)
    lake.ports.warehouse.execute(["CREATE TABLE raw.seen AS SELECT 1 AS n"], name="bystander")
    with pytest.raises(WarehouseError) as refused:
        judged(lake)
        part = f"stage/yyyymm=2025-04/{A}/v2/EFn_{A}_2504/part-0000.tsv.gz"
        lake.part(part, *lines_of(lake, part)[:2])
        copied(lake)
    assert f"EFn_{A}_2504.txt: expected 5 rows as judged, loaded 2" in str(refused.value)
    assert lines(lake) == [("202504", A, 1, 1)]
    assert lake.rows("SELECT DISTINCT version FROM raw.loads") == [(1,)]


def judged(place: Place) -> None:
    from dpc_assets.steps import normalize, validate_manifest

    for step in (validate_manifest, normalize):
        step.run(Run("test", (APRIL,)), place.ports)


def lines_of(place: Place, key: str) -> list[str]:
    import gzip

    return gzip.decompress(place.store.read(key)).decode().splitlines()


def test_an_absent_part_is_an_error(lake: Place) -> None:
    lake.deliver(APRIL, A, 1)
    judged(lake)
    found = verdict.in_use(lake.store, APRIL, A)
    assert found is not None
    for each in found.files:
        for part in each.parts:
            lake.store.delete(part)
    with pytest.raises(WarehouseError, match="holds no object"):
        copied(lake)
    assert lake.rows("SELECT COUNT(*) FROM raw.loads") == [(0,)]


def test_expected_facilities_without_a_delivery_are_missing(lake: Place) -> None:
    facilities(lake, f"\ufefffacility_code,facility_name,dpc_hospital,beds_total,note\n{A},甲病院,yes,120,x\n{B},,,,\n")
    lake.deliver(APRIL, A, 1)
    lake.load(APRIL)
    assert lake.rows(BOARD)[3:] == [
        ("202504", B, file_type, None, None, "missing", None, None, "") for file_type in ("EFn", "FF1", "FF4")
    ]
    assert lake.rows("SELECT * FROM ref.facility_master ORDER BY 1") == [(A, "甲病院", "1", 120), (B, "", "", None)]
    assert lake.rows("SELECT COUNT(*) FROM raw.loads") == [(14,)]


def test_a_month_without_any_delivery(lake: Place) -> None:
    facilities(lake, f"facility_code,valid_to\n{A},2025-04\n{B},\n")
    lake.load(APRIL, MAY)
    found = lake.rows("SELECT DISTINCT submission_yyyymm, submission_facility, status FROM raw.loads ORDER BY 1, 2")
    assert found == [("202504", A, "missing"), ("202504", B, "missing"), ("202505", B, "missing")]
    first = recorded(lake, APRIL, MAY)
    assert recorded(lake, APRIL) == first


def test_a_facility_off_the_list_is_loaded_all_the_same(lake: Place) -> None:
    facilities(lake, f"facility_code\n{B}\n")
    lake.deliver(APRIL, A, 1)
    lake.load(APRIL)
    assert lines(lake) == [("202504", A, 1, 1)]
    assert lake.rows("SELECT COUNT(*) FROM raw.loads") == [(14,)]


def test_who_is_no_longer_expected_leaves_the_board(lake: Place) -> None:
    facilities(lake, f"facility_code\n{A}\n{B}\n")
    lake.deliver(APRIL, A, 1)
    lake.load(APRIL)
    facilities(lake, f"facility_code\n{A}\n")
    recorded(lake, APRIL)
    assert lake.rows("SELECT DISTINCT submission_facility FROM raw.loads") == [(A,)]


def test_months_in_any_order_give_the_same(lake: Place) -> None:
    facilities(lake, f"facility_code\n{A}\n{B}\n")
    lake.deliver(APRIL, A, 1)
    lake.deliver(MAY, B, 1)
    lake.load(MAY)
    lake.load(APRIL)
    backwards = lake.rows("SELECT * FROM raw.loads ORDER BY 1, 2, 3"), recorded(lake, APRIL)
    lake.load(APRIL)
    lake.load(MAY)
    assert (lake.rows("SELECT * FROM raw.loads ORDER BY 1, 2, 3"), recorded(lake, MAY)) == backwards


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("code\n1\n", "ref/facilities.csv: line 1: expected a header with the column facility_code"),
        ("facility_code\n12345\n", "ref/facilities.csv: line 2: facility_code: expected 9 digits, found '12345'"),
        (
            f"facility_code,dpc_hospital,valid_from\n{A},maybe,2025-13\n",
            "ref/facilities.csv: line 2: dpc_hospital: expected 1, 0 or nothing, found 'maybe'\n"
            "ref/facilities.csv: line 2: valid_from: expected YYYY-MM or nothing, found '2025-13'",
        ),
    ],
)
def test_a_bad_master_names_its_lines(lake: Place, text: str, told: str) -> None:
    facilities(lake, text)
    with pytest.raises(InputError) as refused:
        recorded(lake, APRIL)
    assert str(refused.value) == told
