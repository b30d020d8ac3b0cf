"""Things go wrong in the deployed platform, each in its own way; mended, it ends as if nothing had happened."""

import gzip
import time
from typing import Any

import pytest
from deployed import Deployed, Ended
from lakes import lake

pytestmark = pytest.mark.soak

APRIL = {"partition": "2025-04"}
STEPS, DBT = "role-lambda-dpc", "role-dbt-runner"
ALWAYS = 10_000
HEARTBEAT_S = 120.0
PART = "stage/yyyymm=2025-04/131000123/v1/EFn_131000123_2504/part-0000.tsv.gz"

State = dict[str, Any]


@pytest.fixture(autouse=True)
def delivered(deployed: Deployed) -> None:
    """A month of one hospital, and nothing done with it yet."""
    deployed.reset(lake(months=1, facilities=1))


def moment(ended: Ended, kind: str) -> float:
    """Seconds since 1970 of the first event of a kind."""
    return next(each["timestamp"].timestamp() for each in ended.events if each["type"] == kind)


def test_a_function_killed_midway_goes_on_by_redrive(deployed: Deployed, undisturbed: State) -> None:
    deployed.kill(function="dpc-copy-raw", after_ms=200)

    failed = deployed.run(APRIL)

    assert (failed.status, failed.error) == ("FAILED", "Runtime.ExitError")
    assert deployed.exported_months() == []
    assert deployed.hears("Runtime.ExitError")
    again = deployed.redrive(failed.arn)
    assert again.status == "SUCCEEDED"
    assert again.entered.count("raw/submissions: validate-manifest") == 1
    assert deployed.state() == undisturbed


def test_a_data_api_that_refuses_for_a_while_is_asked_again(deployed: Deployed, undisturbed: State) -> None:
    """Each time longer than boto3 itself tries."""
    for operation, code, status in (
        ("ExecuteStatement", "ThrottlingException", 400),
        ("BatchExecuteStatement", "InternalServerException", 500),
        ("DescribeStatement", "InternalServerException", 500),
    ):
        deployed.fault("redshift-data", operation, code, status=status, caller=STEPS, times=8)

    ended = deployed.run(APRIL)

    assert ended.status == "SUCCEEDED"
    failed = [each["taskFailedEventDetails"] for each in ended.events if each["type"] == "TaskFailed"]
    assert {each["error"] for each in failed} == {"RetryLater"}
    refused = {name for each in failed for name in ("Throttling", "InternalServer") if name in each["cause"]}
    assert refused == {"Throttling", "InternalServer"}
    assert deployed.state() == undisturbed


def test_a_data_api_that_refuses_dbt_for_a_while_is_asked_again_by_the_adapter(
    deployed: Deployed, undisturbed: State
) -> None:
    deployed.fault("redshift-data", "ExecuteStatement", "ThrottlingException", caller=DBT, times=3, after=20)
    deployed.fault(
        "redshift-data", "DescribeStatement", "InternalServerException", status=500, caller=DBT, times=3, after=20
    )

    ended = deployed.run(APRIL)

    assert (ended.status, ended.tries("dbt")) == ("SUCCEEDED", 1)
    assert deployed.state() == undisturbed


def test_a_refused_copy_names_file_line_and_column(deployed: Deployed, undisturbed: State) -> None:
    assert deployed.run({**APRIL, "select": "raw/submissions"}).status == "SUCCEEDED"
    whole = deployed.store.read(PART)
    first, second, *rest = gzip.decompress(whole).split(b"\n")
    fields = second.split(b"\t")
    broken = b"\t".join([*fields[:4], b"x", *fields[5:]])
    deployed.store.write(PART, gzip.compress(b"\n".join([first, broken, *rest])))

    failed = deployed.run({**APRIL, "select": "raw/efn"})

    place = "EFn_131000123_2504/part-0000.tsv.gz: line 2 column 5 (line_no): expected a whole number"
    assert (failed.status, failed.error) == ("FAILED", "WarehouseError")
    assert place in failed.cause
    assert deployed.fetch("SELECT COUNT(*) FROM raw.ff1") == [(0,)], "the whole transaction was undone"
    told = deployed.hears("FAILED")
    assert place in told
    assert "rerun" in told
    deployed.store.write(PART, whole)
    assert deployed.run(APRIL).status == "SUCCEEDED"
    assert deployed.state() == undisturbed


def test_a_dead_container_is_noticed_within_two_heartbeats_and_replaced(deployed: Deployed, undisturbed: State) -> None:
    arn = deployed.start(APRIL)
    deployed.in_state(arn, "dbt")
    deployed.while_dbt_writes()
    deployed.kill(task="dpc-learning-dbt-dev")
    killed = time.time()
    deployed.until(lambda: not deployed.running_tasks(), 30, "the container still runs")

    ended = deployed.ended(arn)

    assert (ended.status, ended.tries("dbt")) == ("SUCCEEDED", 2)
    (late,) = [each for each in ended.events if each["type"] == "TaskTimedOut"]
    assert late["taskTimedOutEventDetails"]["error"] == "States.HeartbeatTimeout"
    assert moment(ended, "TaskTimedOut") - killed < 2 * HEARTBEAT_S
    assert deployed.state() == undisturbed


def test_a_failing_dbt_test_stops_what_follows(deployed: Deployed, undisturbed: State) -> None:
    assert deployed.run(APRIL).status == "SUCCEEDED"
    columns = ", ".join(
        "'twice.txt'" if name == "file_name" else name
        for (name,) in deployed.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'raw' AND table_name = 'ff1' "
            "ORDER BY ordinal_position"
        )
    )
    deployed.warehouse.execute(
        [f"INSERT INTO raw.ff1 SELECT {columns} FROM raw.ff1 WHERE line_no = (SELECT MIN(line_no) FROM raw.ff1)"],
        name="test",
    )
    marts = deployed.tables()["mart.fact_stay"]

    failed = deployed.run({**APRIL, "select": "kind:dbt or dq/results_checks or group:export"})

    assert (failed.status, failed.error) == ("FAILED", "DbtTestFailed")
    assert "stg_ff1" in failed.cause
    assert "dq/results_checks?" not in failed.entered
    assert deployed.tables()["mart.fact_stay"] == marts, "what stands on a failed test is not built"
    assert deployed.hears("DbtTestFailed", "stg_ff1")
    deployed.warehouse.execute(["DELETE FROM raw.ff1 WHERE file_name = 'twice.txt'"], name="test")
    assert deployed.run(APRIL).status == "SUCCEEDED"
    assert deployed.state() == undisturbed


@pytest.mark.parametrize(
    ("operation", "code", "status", "containing"),
    [("PutObject", "SlowDown", 503, "/stage/"), ("GetObject", "AccessDenied", 403, "/raw/")],
)
def test_an_s3_that_refuses_is_no_verdict(
    deployed: Deployed, undisturbed: State, operation: str, code: str, status: int, containing: str
) -> None:
    deployed.fault("s3", operation, code, status=status, containing=containing, caller=STEPS, times=ALWAYS)

    failed = deployed.run(APRIL)

    assert (failed.status, failed.error) == ("FAILED", "RetryLater")
    assert deployed.keys("logs/validation/") == []
    assert deployed.hears("RetryLater", "redrive")
    deployed.no_faults()
    assert deployed.redrive(failed.arn).status == "SUCCEEDED"
    assert deployed.state() == undisturbed


def test_a_topic_that_refuses_loses_no_message(deployed: Deployed, undisturbed: State) -> None:
    deployed.fault("sns", "Publish", "InternalError", status=500, times=ALWAYS)

    failed = deployed.run(APRIL)

    assert (failed.status, failed.error) == ("FAILED", "RetryLater")
    assert failed.entered[-1] == "Finish"
    assert deployed.exported_months() == ["2025-04"]
    assert deployed.messages() == []
    deployed.no_faults()
    assert deployed.redrive(failed.arn).status == "SUCCEEDED"
    assert deployed.hears("DPC 2025-04: DONE")
    assert deployed.state() == undisturbed
