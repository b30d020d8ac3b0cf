"""The deployed platform beside the plain local run: production's SQL through dbt-redshift's macros and the Data API
against dbt-duckdb, on the same lake."""

import json
from pathlib import Path

import pytest
from deployed import ELT, PARENT, Deployed
from lakes import lake, on_a_laptop

pytestmark = pytest.mark.soak

MONTHS = ["2025-04", "2025-05", "2025-06"]


def partitions(deployed: Deployed) -> list[str]:
    """Months of the executions of the machine, oldest first."""
    return [
        json.loads(deployed.describe(each["executionArn"])["input"])["partition"] for each in deployed.executions(ELT)
    ]


def test_three_months_of_three_hospitals_are_those_of_a_laptop(deployed: Deployed, tmp_path: Path) -> None:
    objects = lake(months=3, facilities=3)
    deployed.reset(objects)
    before = len(deployed.executions(ELT))

    daily = deployed.run({}, PARENT)

    assert (daily.status, daily.error) == ("SUCCEEDED", "")
    assert partitions(deployed)[before:] == MONTHS
    state = deployed.state()
    assert state["success"] == MONTHS
    assert len(state["parquet"]) == 15
    assert len(state["tables"]["mart.fact_stay"]) >= 90
    assert state == on_a_laptop(objects, "2025-04..2025-06", tmp_path)
    done = sorted(each.partition("\n")[0] for each in deployed.messages() if ": DONE" in each)
    assert done == [f"DPC {month}: DONE" for month in MONTHS]

    again = deployed.run({}, PARENT)

    assert again.status == "SUCCEEDED"
    assert partitions(deployed)[before:] == MONTHS, "nothing is new, nothing runs"


def test_a_month_that_comes_later_runs_alone(deployed: Deployed, tmp_path: Path) -> None:
    both = lake(months=2, facilities=1)
    first = {key: body for key, body in both.items() if "yyyymm=2025-04" in key}
    deployed.reset(first)
    before = len(deployed.executions(ELT))
    assert deployed.run({}, PARENT).status == "SUCCEEDED"
    for key, body in both.items():
        if key not in first:
            deployed.store.write(key, body)

    assert deployed.run({}, PARENT).status == "SUCCEEDED"

    assert partitions(deployed)[before:] == ["2025-04", "2025-05"]
    assert deployed.state() == on_a_laptop(both, "2025-04..2025-05", tmp_path)


def test_a_critical_finding_holds_its_month_and_no_other(deployed: Deployed, tmp_path: Path) -> None:
    objects = lake(months=2, facilities=1, fault="ff1-duplicate")
    deployed.reset(objects)

    daily = deployed.run({}, PARENT)

    assert (daily.status, daily.error) == ("FAILED", "RunsFailed")
    assert deployed.exported_months() == ["2025-05"]
    assert not [key for key in deployed.keys("processed/") if "month=2025-04" in key]
    assert deployed.hears("DPC 2025-04: HELD", "A01")
    assert deployed.hears("RunsFailed")
    assert deployed.state() == on_a_laptop(objects, "2025-04..2025-05", tmp_path, status=1)


def test_a_selection_runs_its_assets_in_order_and_says_what_it_passed_over(deployed: Deployed) -> None:
    deployed.reset(lake(months=1, facilities=1))
    assert deployed.run({"partition": "2025-04"}).status == "SUCCEEDED"
    before = deployed.state()

    some = deployed.run({"partition": "2025-04", "select": 'key:"mart/fact_stay"+'})

    assert some.status == "SUCCEEDED"
    assert [each for each in some.entered if not each.endswith("?")] == [
        "Plan run",
        "raw/submissions passed over",
        "raw_types passed over",
        "raw/loads passed over",
        "dbt",
        "dq/results_checks",
        "exports",
        "Finish",
    ]
    assert deployed.state() == before

    wrong = deployed.run({"partition": "2025-04", "select": "mart/fact_sty"})
    assert (wrong.status, wrong.error) == ("FAILED", "UnknownSelection")
    assert "did you mean mart/fact_stay" in wrong.cause
