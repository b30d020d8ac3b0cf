"""A resubmission of May changes rows of April and of July, and only what it should."""

from pathlib import Path

import pytest
from generated_lakes import FACILITIES, Rows, Version, deliver_rows, row
from warehouse_runs import Platform, differences

from dpc_assets.steps import check_quality, export
from dpc_assets.steps.run import Run

FACILITY = FACILITIES[0]
CREATED = "2025-08-10T09:00:00+09:00"


def form(patient: str, admission: str, discharge: str, plan: str = "200") -> Rows:
    """A parent record of FF1, with what the marts of this test read."""
    key = {
        "facility_code": FACILITY,
        "patient_data_id": patient,
        "admission_date": admission,
        "same_day_stay_number": "0",
        "record_summary_number": "0",
        "payload_version": "20140401",
        "payload_sequence": "0",
    }
    return (
        row("FF1", **key, payload_code="A000010", payload_1="19500401", payload_2="1"),
        row("FF1", **key, payload_code="A000020", payload_1=admission, payload_2="1", payload_5=plan),
        row("FF1", **key, payload_code="A000030", payload_1=discharge, payload_2="1", payload_3="1"),
    )


def act(patient: str, admission: str, discharge: str, day: str, points: str) -> Rows:
    """A ward fee of EFn on one day: E line and detail line."""
    shared = {
        "facility_code": FACILITY,
        "patient_data_id": patient,
        "admission_date": admission,
        "discharge_date": discharge,
        "data_category": "90",
        "sequence_number": "0001",
        "yen_point_flag": "0",
        "act_count": "001",
        "service_date": day,
    }
    return (
        row("EFn", **shared, detail_number="000", act_points=points),
        row("EFn", **shared, detail_number="001", fee_for_service_points=points, detail_flags="000000000000"),
    )


def claim(patient: str, admission: str, day: str, points: str) -> Rows:
    """A day of category 93 with coefficient 1.1000."""
    return (
        row(
            "Dn",
            facility_code=FACILITY,
            patient_data_id=patient,
            admission_date=admission,
            discharge_date="00000000",
            data_category="93",
            act_points=points,
            yen_point_flag="0",
            act_count="001",
            service_date=day,
            hospital_coefficient="1.1000",
        ),
    )


SHORT, LONG = "0000000001", "0000000002"
APRIL = Version(
    "2025-04",
    FACILITY,
    1,
    0,
    CREATED,
    {"FF1": form(SHORT, "20250420", "20250425"), "EFn": act(SHORT, "20250420", "20250425", "20250420", "00001650")},
)
STAYING = act(LONG, "20250520", "00000000", "20250521", "00001650")
MAY = Version(
    "2025-05",
    FACILITY,
    1,
    1,
    CREATED,
    {
        "FF1": form("0000000003", "20250501", "20250502"),
        "EFn": act("0000000003", "20250501", "20250502", "20250501", "00001650") + STAYING,
        "Dn": claim(LONG, "20250520", "20250521", "00002000"),
    },
)
JULY = Version(
    "2025-07",
    FACILITY,
    1,
    2,
    CREATED,
    {
        "FF1": form(LONG, "20250520", "20250710"),
        "EFn": act(LONG, "20250520", "20250710", "20250701", "00001650"),
        "Dn": claim(LONG, "20250520", "20250701", "00001000"),
    },
)
MAY_AGAIN = Version(
    "2025-05",
    FACILITY,
    2,
    3,
    "2025-10-10T09:00:00+09:00",
    {
        "FF1": MAY.files["FF1"] + form(SHORT, "20250505", "20250506"),
        "EFn": MAY.files["EFn"] + act(SHORT, "20250505", "20250506", "20250505", "00001650"),
        "Dn": claim(LONG, "20250520", "20250521", "00002005"),
    },
)
STAYS = (
    "select yyyymm, patient_data_id, readmitted_within_30d, unplanned_readmitted_within_30d, claim_points, "
    "ffs_equivalent_points from mart.fact_stay order by yyyymm, patient_data_id"
)


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    (tmp_path / "lake").mkdir()
    return Platform(tmp_path / "lake", tmp_path / "grown.duckdb")


def test_resubmitting_may_moves_april_and_july(platform: Platform) -> None:
    for version in (APRIL, MAY, JULY):
        deliver_rows(platform.lake, version)
    platform.run(["2025-04", "2025-05", "2025-07"])
    assert platform.fetch(STAYS) == [
        ("202504", SHORT, False, False, None, 1650),
        ("202505", "0000000003", False, False, None, 1650),
        ("202507", LONG, False, False, 2200 + 1100, 3300),
    ]

    deliver_rows(platform.lake, MAY_AGAIN)
    platform.run(["2025-05"])
    assert platform.fetch(STAYS) == [
        ("202504", SHORT, True, True, None, 1650),
        ("202505", SHORT, False, False, None, 1650),
        ("202505", "0000000003", False, False, None, 1650),
        ("202507", LONG, False, False, 2206 + 1100, 3300),  # 2005 x 1.1 = 2205.5, half up
    ]
    rate = "select yyyymm, readmit_30d_rate from mart.facility_monthly order by yyyymm"
    assert platform.fetch(rate) == [("202504", 1.0), ("202505", 0.0), ("202507", 0.0)]

    scratch = Platform(platform.lake, platform.file.with_name("scratch.duckdb"))
    scratch.from_scratch()
    assert differences(platform.file, scratch.file) == {}


def test_only_the_months_that_changed_are_judged_and_exported(platform: Platform) -> None:
    for version in (APRIL, MAY, JULY):
        deliver_rows(platform.lake, version)
    months = ("2025-04", "2025-05", "2025-07")
    platform.run(months)
    assert set(export.changed_months(platform.ports.warehouse)) == set(months)
    waive(platform)
    check_quality.run(Run("first", months), platform.ports)
    export.run(Run("first", months), platform.ports)
    assert export.changed_months(platform.ports.warehouse) == ()

    deliver_rows(platform.lake, MAY_AGAIN)
    platform.run(["2025-05"])
    assert set(export.changed_months(platform.ports.warehouse)) == set(months)
    check_quality.run(Run("second", ("2025-05",)), platform.ports)
    judged = platform.fetch("select distinct yyyymm from dq.results_checks where run_id = 'second' order by 1")
    assert judged == [("202504",), ("202505",), ("202507",)]
    export.run(Run("second", ("2025-05",)), platform.ports)
    assert export.changed_months(platform.ports.warehouse) == ()

    platform.run(["2025-05"])
    assert export.changed_months(platform.ports.warehouse) == ()


def waive(platform: Platform) -> None:
    """These forms are short on purpose: mandatory records are missing (A03)."""
    lines = [f"{FACILITY},{month},A03,short forms,test,2030-12-31" for month in ("202504", "202505", "202507")]
    target = platform.lake / "ref" / "waivers.csv"
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(["facility_code,yyyymm,rule_id,reason,who,until", *lines]) + "\n", encoding="utf-8")
