"""The marts over the small lake, against figures worked out by hand from the contract's definitions."""

from __future__ import annotations

import datetime

import duckdb
import pytest
from raw_warehouse import HOSPITAL
from small_lake import PLAIN, small_lake

from dpc_assets.local.compiled import build

DAY = datetime.date


@pytest.fixture(scope="module")
def built() -> duckdb.DuckDBPyConnection:
    connection = small_lake()
    build(connection)
    return connection


def stays(built: duckdb.DuckDBPyConnection, columns: str) -> dict[tuple, tuple]:
    rows = built.execute(
        f"select right(patient_data_id, 1), admission_date, same_day_no, {columns} from mart.fact_stay "
        f"where facility_code = '{HOSPITAL}'"
    ).fetchall()
    return {(row[0], row[1].month * 100 + row[1].day, row[2]): row[3:] for row in rows}


ONE, SIX_1, SIX_2 = ("1", 629, "0"), ("6", 704, "1"), ("6", 704, "2")
TWO, TWO_AGAIN, THREE, FOUR = ("2", 601, "0"), ("2", 618, "0"), ("3", 601, "0"), ("4", 601, "0")
FIVE, FIVE_AGAIN = ("5", 605, "0"), ("5", 706, "0")


def test_one_row_per_parent_record_of_the_discharge_month(built) -> None:
    assert stays(built, "yyyymm, los_inclusive, los_nights") == {
        ONE: ("202507", 12, 11),
        TWO: ("202506", 10, 9),
        TWO_AGAIN: ("202508", 46, 45),
        THREE: ("202506", 5, 4),
        FOUR: ("202506", 5, 4),
        FIVE: ("202506", 2, 1),
        FIVE_AGAIN: ("202508", 29, 28),
        SIX_1: ("202507", 1, 0),
        SIX_2: ("202507", 1, 0),
    }


def test_money_over_months(built) -> None:
    columns = """inclusive_points, adjustment_points, claim_ffs_points, claim_points, ffs_equivalent_points,
        claim_minus_ffs_points"""
    found = stays(built, columns)
    # 6185 + 24188, 66 once although counted twice, 1200 x 2; EFn: 1688 + 750 - 10 + 240 + 5 in June, 20000 in July
    assert found[ONE] == (30373, 66, 2400, 32839, 22673, 10166)
    assert found[TWO] == (None, None, None, None, None, None)
    assert found[TWO_AGAIN] == (None, None, None, None, 200, None)
    assert found[SIX_1] == (None, None, None, None, 300, None)
    assert found[SIX_2] == (None, None, None, None, None, None)


def test_code_and_period(built) -> None:
    found = stays(built, "dpc_code, mdc, los_period, icu_flag")
    assert found[ONE] == ("010010xx9901xx", "01", "3", True)
    assert found[TWO] == (None, None, None, False)


def test_admission_discharge_and_surgery(built) -> None:
    columns = """age_at_admission, planned_emergency_code, emergency_flag, ambulance_flag, died_flag, surgery_flag,
        insurance_combination"""
    found = stays(built, columns)
    assert found[TWO] == (75, "301", True, True, False, True, "1")
    assert found[THREE] == (75, None, False, False, True, False, None)
    assert found[FOUR] == (75, "100", False, False, False, False, None)
    assert found[FIVE] == (54, "100", False, False, False, False, None)
    assert (found[SIX_1][-1], found[SIX_2][-1]) == ("4", "3")


def test_the_newer_form_wins(built) -> None:
    assert stays(built, "discharge_destination")[FOUR] == ("1",)


def test_readmission(built) -> None:
    found = stays(
        built, "next_admission_date, readmitted_within_7d, readmitted_within_30d, unplanned_readmitted_within_30d"
    )
    assert found[TWO] == (DAY(2025, 6, 18), False, True, True)
    assert found[FIVE] == (DAY(2025, 7, 6), False, True, True)
    assert found[SIX_1] == (DAY(2025, 7, 4), True, True, True)
    assert found[SIX_2] == (None, False, False, False)
    assert found[ONE] == (None, False, False, False)


def test_a_stay_known_from_efn_only_is_not_unplanned_until_its_form_arrives() -> None:
    connection = small_lake(("202506", "202507"))
    build(connection)
    found = stays(connection, "readmitted_within_30d, unplanned_readmitted_within_30d")
    assert found[TWO] == (True, False)


def test_nursing(built) -> None:
    # 6/29: wound care 1 + transfusion 2; 6/30 has no A record; 6/3 of another patient is leave
    assert stays(built, "nursing_evaluated_days, nursing_qualifying_days")[ONE] == (2, 1)


def test_facility_monthly(built) -> None:
    columns = """discharges, alos_inclusive, mortality_rate, emergency_rate, ambulance_rate, surgery_rate,
        transfer_rate, readmit_30d_rate, unspecified_dx_rate, uncoded_dx_rate, nursing_rate, claim_points"""
    rows = built.execute(f"select facility_code, yyyymm, {columns} from mart.facility_monthly").fetchall()
    assert {row[:2]: row[2:] for row in rows} == {
        (HOSPITAL, "202506"): (4, 22 / 4, 1 / 4, 1 / 3, 1 / 4, 1 / 4, 0.0, 2 / 3, 0.0, 0.0, 1 / 2, None),
        (HOSPITAL, "202507"): (3, 14 / 3, 0.0, 1 / 3, 0.0, 0.0, 0.0, 1 / 3, 1 / 3, 0.0, None, 32839),
        (HOSPITAL, "202508"): (2, 75 / 2, 0.0, 1 / 2, 0.0, 0.0, 0.0, 0.0, 0.0, 2 / 6, None, None),
        (PLAIN, "202508"): (1, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, None, None),
    }


def test_dpc_monthly(built) -> None:
    assert built.execute("select * from mart.dpc_monthly").fetchall() == [
        (HOSPITAL, "202507", "010010xx9901xx", 1, 12.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 32839.0)
    ]


def test_cost_monthly(built) -> None:
    columns = "yyyymm, data_category, lines, ffs_points, drug_points, material_points"
    rows = built.execute(
        f"select {columns} from mart.cost_monthly where facility_code = '{HOSPITAL}' order by all"
    ).fetchall()
    assert rows == [
        ("202506", "33", 1, 240, 200, 40),
        ("202506", "40", 5, 745, 0, 0),
        ("202506", "80", 2, 0, 0, 0),
        ("202506", "90", 1, 1688, 0, 0),
        ("202506", "97", 1, 0, 0, 0),
        ("202507", "40", 3, 6400, 0, 0),
        ("202507", "90", 1, 14000, 0, 0),
        ("202508", "40", 1, 100, 0, 0),
    ]


def test_board_and_facilities(built) -> None:
    assert built.execute("select count(*), min(received_at) from mart.submission_board").fetchone() == (
        24,
        datetime.datetime(2025, 7, 10),
    )
    assert built.execute(
        "select facility_code, facility_name, dpc_hospital, in_master from ref.dim_facility order by 1"
    ).fetchall() == [(HOSPITAL, "学習第一病院", True, True), (PLAIN, None, False, False)]


def test_the_master_decides_who_is_a_dpc_hospital(built) -> None:
    connection = small_lake()
    connection.execute("update ref.facility_master set dpc_hospital = '0'")
    build(connection)
    assert connection.execute(
        f"select dpc_hospital from ref.dim_facility where facility_code = '{HOSPITAL}'"
    ).fetchone() == (False,)
