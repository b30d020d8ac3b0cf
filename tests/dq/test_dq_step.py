"""The step: which months are judged, what is written, and what it answers."""

from __future__ import annotations

from conftest import CLEAN, World
from dq_cases import ONE, READMITTED
from dq_submission import change, clean, copy, drop, edited

from dpc_assets.steps import check_quality, export, lake
from dpc_assets.steps.rules import catalog
from dpc_assets.steps.run import Run

BROKEN = "100000001"
TWICE = copy({}, type="EFn", data_category="90", service_date="20250404", patient_data_id=ONE)


def broken() -> list:
    """A repeated ward fee: E01."""
    return edited([TWICE])


def test_every_expected_facility_has_a_row_per_month_and_rule(world: World) -> None:
    world.fill({CLEAN: clean(), BROKEN: [row for row in clean() if row["type"] != "Kn"]})
    world.rows(
        "insert into raw.loads (submission_yyyymm, submission_facility, file_type, status, findings, findings_count) "
        "select '202504', '100000009', file_type, 'rejected', '', 0 from raw.loads "
        f"where submission_yyyymm = '202504' and submission_facility = '{CLEAN}'"
    )
    world.judge("r", "2025-04", "2025-05")
    outcomes = world.outcomes("r")
    rules = len(catalog())
    assert len(outcomes) == 5 * rules
    assert outcomes["202504", BROKEN, "X05"] == ("not_applicable", 0, "")
    assert outcomes["202504", CLEAN, "X05"] == ("pass", 0, "")
    rejected = {found for (_, facility, _), found in outcomes.items() if facility == "100000009"}
    assert rejected == {("not_applicable", 0, "")}


def test_a_failed_rule_is_written_with_its_keys_and_rows_and_raises_nothing(world: World) -> None:
    world.fill({CLEAN: clean(), BROKEN: broken()})
    result = world.judge("r", "2025-04")
    assert world.outcomes("r")["202504", BROKEN, "E01"] == (
        "fail",
        1,
        "patient 0000000001 admitted 2025-04-03 act 90-0002",
    )
    assert world.rows("select * from dq.results_rows where rule_id = 'E01'") == [
        (
            "r",
            "202504",
            BROKEN,
            "E01",
            1,
            "patient 0000000001 admitted 2025-04-03 act 90-0002",
            "EFn_100000001_2504.txt",
            3,
        )
    ]
    check = world.rows(
        "select severity, threshold, message_en, waived_by, checked_at from dq.results_checks where status = 'fail'"
    )
    assert [(row[0], float(row[1]), row[3], row[4].isoformat()) for row in check] == [
        ("CRITICAL", 0.0, "", "2026-01-05T03:00:00")
    ]
    assert check[0][2].startswith("Expected one 000 line per act")
    assert "found 1 acts that differ" in check[0][2]
    assert {key: result.counts[key] for key in ("failed", "critical", "warning", "info", "critical_waived")} == {
        "failed": 1,
        "critical": 1,
        "warning": 0,
        "info": 0,
        "critical_waived": 0,
    }
    assert len(result.notes) == 1
    assert result.notes[0].startswith(f"CRITICAL E01 2025-04 {BROKEN}: EFの一つの行為")


def test_rows_are_capped_and_the_first_keys_shown_in_order(world: World) -> None:
    flags = [change({"yen_point_flag": "1"}, type="Dn")]
    many = [
        copy({"sequence_number": f"{n:04d}"}, type="Dn", service_date="20250403", sequence_number="0001")
        for n in range(100, 250)
    ]
    world.fill({BROKEN: edited([*many, *flags])})
    world.judge("r", "2025-04")
    status, failed, keys = world.outcomes("r")["202504", BROKEN, "D08"]
    assert (status, failed) == ("fail", 156)
    assert keys.split("; ")[:2] == [
        "patient 0000000001 admitted 2025-04-03 line 93-0001",
        "patient 0000000001 admitted 2025-04-03 line 93-0002",
    ]
    assert len(keys.split("; ")) == 5
    listed = world.rows(
        "select row_no, key from dq.results_rows where rule_id = 'D08' and yyyymm = '202504' order by row_no"
    )
    assert [row[0] for row in listed] == list(range(1, 101))
    assert [row[1] for row in listed] == sorted(row[1] for row in listed)


def test_a_second_call_replaces_its_own_rows_and_keeps_other_runs(world: World) -> None:
    world.fill({BROKEN: broken()})
    first = world.judge("one", "2025-04")
    world.judge("two", "2025-04")
    again = world.judge("one", "2025-04")
    counted = world.rows("select run_id, count(*) from dq.results_checks group by 1 order by 1")
    assert counted == [("one", 2 * len(catalog())), ("two", 2 * len(catalog()))]
    assert world.rows("select run_id, count(*) from dq.results_rows group by 1 order by 1") == [("one", 1), ("two", 1)]
    assert first.versions == again.versions


def test_a_waiver_is_shown_and_its_expiry_and_its_mistakes_too(world: World) -> None:
    lines = (
        "facility_code,yyyymm,rule_id,reason,who,until",
        f"{BROKEN},202504,E01,confirmed,Sato,2026-01-05",
        f"{BROKEN},202504,A01,old,Sato,2026-01-04",
        f"{BROKEN},202504,E1,typo,Sato,2026-01-05",
    )
    world.ports.store.write(lake.WAIVERS, "\n".join(lines).encode())
    world.fill({BROKEN: broken()})
    result = world.judge("r", "2025-04")
    found = world.rows(
        "select waived_by, waiver_reason, status from dq.results_checks where rule_id = 'E01' and yyyymm = '202504'"
    )
    assert found == [("Sato", "confirmed (until 2026-01-05)", "fail")]
    assert (result.counts["critical"], result.counts["critical_waived"], result.counts["waiver_problems"]) == (1, 1, 1)
    assert result.notes[0].startswith("WARNING ref/waivers.csv line 4 column 3 (rule_id)")
    assert result.notes[1].startswith(f"WARNING waiver of A01 2025-04 {BROKEN} ended on 2026-01-04")
    assert result.notes[2].endswith("(waived by Sato / 免除中)")
    assert export.held_months(world.ports.warehouse) == {}


def test_an_unwaived_critical_holds_its_month(world: World) -> None:
    world.fill({BROKEN: broken()})
    world.judge("r", "2025-04", "2025-05")
    assert list(export.held_months(world.ports.warehouse)) == ["2025-04"]


def test_a_month_whose_outcome_another_month_changed_is_judged_again(world: World, tmp_path_factory) -> None:
    rows = edited(
        [*READMITTED, change({"payload_1": "99999999"}, type="FF1", admission_date="20250510", payload_code="A000070")]
    )
    april = [row for row in rows if row["month"] == "202504"]
    may = [row for row in rows if row["month"] == "202505"]
    world.fill({CLEAN: may})
    world.judge("may", "2025-05")
    export.run(Run("may", ("2025-05",)), world.ports)
    assert world.outcomes("may")["202505", CLEAN, "A29"] == ("pass", 0, "")
    world.fill({CLEAN: april})
    export.run(Run("april", ("2025-04",)), world.ports)
    assert export.changed_months(world.ports.warehouse) == ()
    world.judge("april", "2025-04")
    outcomes = world.outcomes("april")
    assert outcomes["202505", CLEAN, "A29"][0] == "fail"
    together = world.judge("both", "2025-04", "2025-05")
    assert world.outcomes("both") == outcomes
    assert together.counts["months"] == 2


def test_a_month_that_nothing_changed_is_left_alone_and_the_version_stays(world: World) -> None:
    world.fill({CLEAN: clean()})
    both = world.judge("both", "2025-04", "2025-05")
    export.run(Run("both", ("2025-04", "2025-05")), world.ports)
    april = world.judge("april", "2025-04")
    assert {month for month, _, _ in world.outcomes("april")} == {"202504"}
    assert april.versions == both.versions


def test_months_that_differ_from_their_last_export_are_judged_too(world: World) -> None:
    world.fill({CLEAN: clean()})
    world.judge("r", "2025-04")
    assert {month for month, _, _ in world.outcomes("r")} == {"202504", "202505"}


def test_dn_and_the_facility_list_agree(world: World) -> None:
    without = "100000002"
    world.fill({CLEAN: clean(), BROKEN: clean(), without: edited([drop(type="Dn")])})
    marked = [f"('{code}', 'x', '{dpc}', 100)" for code, dpc in ((CLEAN, 1), (BROKEN, 0), (without, 1))]
    world.rows("insert into ref.facility_master values " + ", ".join(marked))
    world.judge("r", "2025-04")
    outcomes = world.outcomes("r")
    assert outcomes["202504", CLEAN, "F07"] == ("pass", 0, "")
    assert outcomes["202504", BROKEN, "F07"] == ("fail", 1, "Dn of a hospital that is not DPC")
    assert outcomes["202504", without, "F07"] == ("fail", 1, "no Dn of a DPC hospital")


def test_outcomes_are_one_a_rule_for_the_asset_checks(world: World) -> None:
    world.fill({CLEAN: clean(), BROKEN: broken()})
    world.judge("r", "2025-04", "2025-05")
    found = {each.rule.id: each for each in check_quality.outcomes(world.ports.warehouse, "r")}
    assert list(found) == [rule.id for rule in catalog()]
    assert (found["E01"].passed, found["E01"].failed, found["E01"].not_applicable, found["E01"].failed_rows) == (
        3,
        1,
        0,
        1,
    )
    assert found["E01"].failures == (("2025-04", BROKEN, 1, "patient 0000000001 admitted 2025-04-03 act 90-0002"),)
    assert "found 1 acts that differ" in found["E01"].message_en
    assert found["A01"].message_en == ""
    assert (found["W01"].passed, found["W01"].not_applicable) == (0, 4)


def test_a_month_that_is_not_loaded_answers_nothing(world: World) -> None:
    result = world.judge("r", "2025-04")
    assert (result.counts["checks"], result.counts["months"], result.notes) == (0, 0, ())
