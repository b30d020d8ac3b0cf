"""`dpc aws` as a person runs it, against a served AWS: exit status, texts, what was called."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from recorded_states import ACCOUNT, STATES, Failed, Recorded, recorded, served

from dpc_assets.cli.main import main

ELT = f"{STATES}:stateMachine:dpc-learning-elt"
PARENT = f"{STATES}:stateMachine:dpc-learning-schedule"
REFUSED = f"{STATES}:execution:dpc-learning-elt:2025-05-a"
DAILY = f"{STATES}:execution:dpc-learning-schedule:daily-1"


@dataclass(frozen=True)
class Said:
    returncode: int
    stdout: str
    stderr: str


class Shell:
    """Runs `dpc aws ...` in this process, with nothing of this machine's AWS settings."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        home = {"DAGSTER_HOME": str(folder / "dagster"), "HOME": str(folder), "LANG": "C.UTF-8", "TZ": "Asia/Tokyo"}
        for name, value in {**home, "AWS_EC2_METADATA_DISABLED": "true"}.items():
            patch.setenv(name, value)
        time.tzset()
        self.patch = patch
        self._capsys = capsys

    def using(self, settings: dict[str, str]) -> Shell:
        for name, value in settings.items():
            self.patch.setenv(name, value)
        return self

    def __call__(self, *arguments: str) -> Said:
        status = main(["aws", *arguments])
        captured = self._capsys.readouterr()
        assert "Traceback" not in captured.err
        assert "defect of dpc" not in captured.err
        return Said(status, captured.out, captured.err)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    yield Shell(tmp_path, monkeypatch, capsys)
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def states(request: pytest.FixtureRequest) -> Recorded:
    return Recorded(*getattr(request, "param", ("month_succeeded", "load_refused", "parent_failed")))


@pytest.fixture
def dpc(states: Recorded, shell: Shell) -> Iterator[Shell]:
    with served(states) as settings:
        yield shell.using(settings)


def inputs(states: Recorded) -> list[tuple[str, object]]:
    return [(given["stateMachineArn"], json.loads(given["input"])) for given in states.asked("StartExecution")]


@pytest.mark.parametrize(
    ("arguments", "machine", "given"),
    [
        ([], PARENT, {}),
        (["--month", "2025-04..2025-06"], PARENT, {"from": "2025-04", "to": "2025-06"}),
        (["--month", "2025-04..2025-04"], PARENT, {"from": "2025-04", "to": "2025-04"}),
        (["--month", "2025-04"], ELT, {"partition": "2025-04"}),
        (["--month", "2025-04", "--wait"], ELT, {"partition": "2025-04", "wait": True}),
        (
            ["--month", "2025-04", "--select", "mart/fact_stay+"],
            ELT,
            {"partition": "2025-04", "select": 'key:"mart/fact_stay"+'},
        ),
        (["--select", "group:ref"], ELT, {"select": "group:ref"}),
        (["--machine", PARENT], PARENT, {}),
        (["--machine", "dpc-learning-elt", "--month", "2025-04"], ELT, {"partition": "2025-04"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_start_asks_the_right_machine(
    arguments: list[str], machine: str, given: dict[str, object], states: Recorded, dpc: Shell
) -> None:
    done = dpc("start", "--no-follow", "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert inputs(states) == [(machine, given)]
    named = states.asked("StartExecution")[0]["name"]
    assert json.loads(done.stdout) == {
        "execution": f"{machine.replace(':stateMachine:', ':execution:')}:{named}",
        "input": given,
    }
    assert [name for name, _ in states.calls] == ["StartExecution"]


def test_a_suffix_ends_the_names_of_the_machines(states: Recorded, dpc: Shell) -> None:
    states.machines = {f"{ELT}-dev", f"{PARENT}-dev"}
    assert dpc("start", "--no-follow", "--month", "2025-04", "--suffix", "dev").returncode == 0
    assert inputs(states) == [(f"{ELT}-dev", {"partition": "2025-04"})]


WRONG = [
    (["start", "--month", "2025-13"], "--month: expected 2025-04 or 2025-04..2025-06, found '2025-13'"),
    (["start", "--month", "2025-04..2025-06", "--select", "mart/fact_stay"], "give one month, such as --month 2025-04"),
    (
        ["start", "--month", "2025-04", "--select", "mart/fact_stayy"],
        "unknown asset 'mart/fact_stayy'; did you mean mart/fact_stay",
    ),
    (["start", "--month", "2025-04", "--select", "mart/fact_stay and"], "expected a selection such as"),
    (["start", "--suffix", "Dev"], "--suffix: expected small letters"),
    (["start", "--suffix", "dev"], "there is no state machine dpc-learning-schedule-dev in ap-northeast-1"),
    (["start", "--machine", "arn:aws:s3:::bucket"], "--machine: expected the ARN of a state machine"),
    (["start", "--machine", ELT.replace("ap-northeast-1", "eu-west-1")], "set AWS_REGION=eu-west-1"),
    (["start", "--every", "0"], "--every: expected more than 0 seconds, found 0"),
    (["status", "nobody"], "there is no execution nobody in ap-northeast-1; `dpc aws status` lists the latest"),
    (["status", "a name"], "EXECUTION: expected the name or the ARN of an execution, found 'a name'"),
    (["status", "--follow"], "name the EXECUTION to follow"),
    (["status", "--last", "0"], "--last: expected 1 to 100, found 0"),
    (["rerun", "daily-1", "--select", "mart/fact_stay"], "the parent machine, which takes no selection"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(each[0]) for each in WRONG])
def test_wrong_usage_ends_with_2_and_starts_nothing(
    arguments: list[str], said: str, states: Recorded, dpc: Shell
) -> None:
    done = dpc(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not [given for given in states.asked("StartExecution") if given["stateMachineArn"] in states.machines]


def test_the_latest_executions_of_both_machines(dpc: Shell) -> None:
    done = dpc("status", "--json")
    assert done.returncode == 0
    assert [(each["name"], each["status"], each["input"], each["error"]) for each in json.loads(done.stdout)] == [
        ("2025-04-a", "SUCCEEDED", {"partition": "2025-04"}, None),
        ("2025-05-a", "FAILED", {"partition": "2025-05"}, "WarehouseError"),
        ("daily-1", "FAILED", {}, "RunsFailed"),
    ]
    table = dpc("status").stdout.splitlines()
    assert table[0] == "Latest executions"
    assert " ".join(table[4].split()) == "12-01 10:00:00 dpc-learning-elt 2025-04 SUCCEEDED 1:41 2025-04-a"
    assert "最近の実行" in dpc("status", "--lang", "ja").stdout


@pytest.mark.parametrize("states", [()], indirect=True)
def test_where_nothing_was_run_yet(dpc: Shell) -> None:
    assert dpc("status").stdout == "Nothing has been run yet (dpc aws start)\n"
    assert json.loads(dpc("status", "--json").stdout) == []


def test_one_execution_as_a_table(dpc: Shell) -> None:
    done = dpc("status", "2025-04-a")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines() if line.strip()]
    assert lines[0] == "dpc-learning-elt 2025-04 2025-04-a: SUCCEEDED, 1:41"
    assert lines[4] == "raw/submissions succeeded 10:00:01 13 s 2 2/2"
    assert lines[7] == "dbt succeeded 10:00:25 1:00 1"


def test_a_failed_one_says_why_and_which_command_to_give(dpc: Shell) -> None:
    done = dpc("status", REFUSED)
    assert done.returncode == 1
    told = done.stdout.split("Not done, because:\n")[1].splitlines()
    assert told == [
        "  2025-05 dpc-learning-elt 2025-05-a: FAILED",
        '    raw_types item {"facility": "131000124", "version": 2}: WarehouseError',
        "      copy-2025-05-131000124: statement 9 of 15: Load into table 'efn' failed",
        "      stage/yyyymm=2025-05/131000124/v2/EFn_131000124_2505/part-0000.tsv.gz line 12 column service_date",
        "    -> Mend the data or setting that the text above names, then run anew.",
        f"       dpc aws rerun {REFUSED}",
    ]


def test_one_execution_as_json(dpc: Shell) -> None:
    done = dpc("status", "2025-05-a", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert (found["status"], found["redrivable"], found["next"]) == ("FAILED", True, f"dpc aws rerun {REFUSED}")
    unit = next(each for each in found["units"] if each["unit"] == "raw_types")
    assert {name: unit[name] for name in ("assets", "state", "attempts", "items", "items_done", "error")} == {
        "assets": ["raw/dn"],
        "state": "failed",
        "attempts": 1,
        "items": 2,
        "items_done": 1,
        "error": "WarehouseError",
    }
    assert found["failures"][0]["item"] == '{"facility": "131000124", "version": 2}'


RUN_RESULTS = {
    "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"},
    "results": [
        {
            "unique_id": "model.dpc.fact_stay",
            "status": "success",
            "execution_time": 4.25,
            "message": "SUCCESS",
            "timing": [
                {"name": "compile", "started_at": "2025-12-01T01:00:03Z", "completed_at": "2025-12-01T01:00:03.1Z"},
                {"name": "execute", "started_at": "2025-12-01T01:00:04Z", "completed_at": "2025-12-01T01:00:08Z"},
            ],
        },
        {
            "unique_id": "model.dpc.facility_monthly",
            "status": "error",
            "execution_time": 0.5,
            "message": "Database Error\n  division by zero",
            "timing": [],
        },
        {"unique_id": "model.dpc.dpc_monthly", "status": "skipped", "execution_time": 0.0, "timing": []},
        {"unique_id": "test.dpc.unique_fact_stay.0a1b", "status": "pass", "execution_time": 0.2, "timing": []},
        {
            "unique_id": "test.dpc.not_null_fact_stay.9c8d",
            "status": "fail",
            "execution_time": 0.3,
            "message": "Got 2 results, configured to fail if != 0",
            "timing": [],
        },
    ],
}


@pytest.mark.parametrize("states", [("dbt_test_failed",)], indirect=True)
def test_asset_by_asset_dbt_tells_its_models_itself(states: Recorded, dpc: Shell) -> None:
    place = "dpc-learning-data-dev/logs/dbt/2025-07/2025-07-a/dbt/run_results.json"
    states.objects[place] = json.dumps(RUN_RESULTS).encode()
    found = json.loads(dpc("status", "2025-07-a", "--assets", "--json").stdout)
    assert [(each["asset"], each["state"], each["seconds"], each["attempts"]) for each in found["assets"]] == [
        ("mart/dpc_monthly", "not reached", None, 1),
        ("mart/facility_monthly", "failed", 0.5, 1),
        ("mart/fact_stay", "succeeded", 4.25, 1),
        ("not_null_fact_stay", "failed", 0.3, 1),
    ]
    assert found["assets"][2]["started"] == "2025-12-01T01:00:04+00:00"
    assert found["assets"][3]["said"] == "Got 2 results, configured to fail if != 0"
    table = dpc("status", "2025-07-a", "--assets").stdout
    lines = [" ".join(line.split()) for line in table.splitlines()]
    assert "mart/fact_stay succeeded 10:00:04 4.2 s 1" in lines
    assert "mart/facility_monthly failed 0.5 s 1 Database Error" in lines


def test_where_dbt_stored_nothing_its_assets_have_the_state_of_their_unit(dpc: Shell) -> None:
    found = json.loads(dpc("status", "2025-04-a", "--assets", "--json").stdout)
    assert [(each["asset"], each["state"], each["seconds"]) for each in found["assets"]] == [
        ("raw/submissions", "succeeded", 13.45),
        ("raw/dn", "succeeded", 7.49),
        ("raw/loads", "succeeded", 2.12),
        ("mart/fact_stay", "succeeded", None),
        ("dq/results_checks", "succeeded", 8.12),
        ("export/cost_monthly", "succeeded", 6.12),
    ]


def test_the_assets_of_a_parent_are_those_of_its_children(dpc: Shell) -> None:
    text = dpc("status", "daily-1", "--assets").stdout
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "2025-04 raw/loads succeeded 10:00:22 2.1 s 1" in lines
    assert "2025-05 raw/loads not reached" in lines
    assert "archive/raw succeeded 10:02:27 2.1 s 1" in lines


def test_a_parent_holds_its_children(dpc: Shell) -> None:
    done = dpc("status", "daily-1", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    each = next(unit for unit in found["units"] if unit["unit"] == "Run each")
    assert [(child["name"], child["status"]) for child in each["executions"]] == [
        ("2025-04-a", "SUCCEEDED"),
        ("2025-05-a", "FAILED"),
    ]
    assert found["next"] == "dpc aws start"
    assert found["reasons"][0] == "2025-05 dpc-learning-elt 2025-05-a: FAILED"
    text = dpc("status", "daily-1").stdout
    assert "    raw_types          failed" in text
    assert text.count("raw/submissions") == 1, "of a child that ended well one line is enough"


@pytest.mark.parametrize("states", [("load_refused",)], indirect=True)
def test_following_prints_a_line_a_change_and_ends_with_the_execution(states: Recorded, dpc: Shell) -> None:
    states.executions[REFUSED] = recorded("load_redriven_running")
    states.after[REFUSED] = recorded("load_redriven")
    done = dpc("status", REFUSED, "--follow", "--every", "0.2")
    assert done.returncode == 0
    lines = [line[9:].split() for line in done.stderr.splitlines()]
    started = [" ".join(line) for line in lines]
    assert started[0].startswith("dpc-learning-elt 2025-05 2025-05-a: RUNNING")
    assert "raw_types running each 1/2 try 2" in started
    assert "raw_types succeeded 2/2 10:13 try 2" in started
    assert "dbt succeeded 1:00" in started
    assert sum(line.startswith("raw/submissions") for line in started) == 1
    assert "dpc-learning-elt 2025-05 2025-05-a: SUCCEEDED, 11:48, redriven 1x" in done.stdout
    histories = states.asked("GetExecutionHistory")
    assert all(given["reverseOrder"] for given in histories)


def test_following_outlasts_an_aws_that_is_busy(states: Recorded, dpc: Shell) -> None:
    """Four tries make one call of boto3: the first look fails, the second passes."""
    found = states._StartExecution

    def started(given: Mapping[str, Any]) -> Mapping[str, Any]:
        states.busy = 5
        return found(given)

    states.start_as, states._StartExecution = REFUSED, started
    done = dpc("start", "--month", "2025-05", "--every", "0.1")
    assert done.returncode == 1
    assert done.stderr.splitlines()[1].startswith("AWS is busy (ThrottlingException, stepfunctions describe-execution")
    assert "2025-05-a: FAILED" in done.stdout


def test_start_follows_what_it_started(states: Recorded, dpc: Shell) -> None:
    states.start_as = REFUSED
    done = dpc("start", "--month", "2025-05", "--every", "0.2")
    assert done.returncode == 1
    assert done.stderr.startswith(f"Started: {REFUSED}\n")
    assert f"dpc aws rerun {REFUSED}" in done.stdout


def test_a_long_history_is_read_page_by_page(shell: Shell) -> None:
    states = Recorded("load_refused", page=7)
    with served(states) as settings:
        paged = shell.using(settings)("status", "2025-05-a", "--json")
    assert len(states.asked("GetExecutionHistory")) > 5
    whole = Recorded("load_refused")
    with served(whole) as settings:
        assert shell.using(settings)("status", "2025-05-a", "--json") == paged


def test_redrive_goes_on_in_the_same_execution(states: Recorded, dpc: Shell) -> None:
    done = dpc("redrive", "2025-05-a", "--no-follow", "--json")
    assert done.returncode == 0
    assert [given["executionArn"] for given in states.asked("RedriveExecution")] == [REFUSED]
    assert json.loads(done.stdout)["execution"] == REFUSED


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("2025-04-a", "SUCCEEDED: nothing to redrive; to run it once more: dpc aws rerun"),
        ("daily-1", "a parent that names failed months would fail at the same place again"),
        (f"{STATES}:execution:two-branches:p-1", "Execution has exceeded the redrivable period of 14 days"),
        (
            f"{STATES}:execution:dpc-learning-elt:2025-06-a",
            "is RUNNING: nothing to redrive; look on with: dpc aws status",
        ),
    ],
    ids=["succeeded", "parent", "too old", "running"],
)
def test_what_cannot_be_redriven_is_refused_with_the_reason(named: str, said: str, shell: Shell) -> None:
    names = ("month_succeeded", "load_refused", "parent_failed", "sibling_stopped", "heartbeat_missed")
    states = Recorded(*names)
    with served(states) as settings:
        done = shell.using(settings)("redrive", named)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert not states.asked("RedriveExecution")


def test_what_aws_does_not_redrive_is_said_with_its_reason(states: Recorded, dpc: Shell) -> None:
    states.refuse["RedriveExecution"] = Failed("ExecutionNotRedrivable", "The history is too long")
    done = dpc("redrive", "2025-05-a")
    assert done.returncode == 1
    assert "cannot be redriven: The history is too long" in done.stderr
    assert f"dpc aws rerun {REFUSED}" in done.stderr


def test_rerun_takes_the_same_input_or_another_selection(states: Recorded, dpc: Shell) -> None:
    started_by = {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": DAILY}
    states.executions[REFUSED]["describe"]["input"] = json.dumps({"partition": "2025-05", "wait": True, **started_by})
    assert dpc("rerun", "2025-05-a", "--no-follow").returncode == 0
    assert dpc("rerun", "2025-05-a", "--no-follow", "--select", "exports/x or group:export").returncode == 2
    assert dpc("rerun", "2025-05-a", "--no-follow", "--select", "group:export").returncode == 0
    assert dpc("rerun", "daily-1", "--no-follow").returncode == 0
    assert inputs(states) == [
        (ELT, {"partition": "2025-05", "wait": True}),
        (ELT, {"partition": "2025-05", "wait": True, "select": "group:export"}),
        (PARENT, {}),
    ]


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("ThrottlingException", 1, "AWS is busy (ThrottlingException"),
        ("AccessDeniedException", 1, "Log in with a role that may"),
        ("ExpiredTokenException", 2, "AWS does not accept them (ExpiredTokenException). Log in"),
        ("UnrecognizedClientException", 2, "AWS does not accept them"),
        ("ValidationException", 1, "AWS refuses stepfunctions describe-execution in ap-northeast-1 (ValidationEx"),
    ],
)
def test_what_aws_refuses_is_a_sentence(code: str, status: int, said: str, shell: Shell) -> None:
    states = Recorded("month_succeeded")
    states.refuse["DescribeExecution"] = Failed(code, "no")
    with served(states) as settings:
        done = shell.using(settings)("status", f"{STATES}:execution:dpc-learning-elt:2025-04-a")
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr


SURROUNDINGS = [
    ({}, 2, "AWS region: none is set"),
    ({"AWS_REGION": "ap-northeast-1"}, 2, "AWS credentials: none were found"),
    ({"AWS_REGION": "ap-northeast-1", "AWS_PROFILE": "nobody"}, 2, "The config profile (nobody) could not be found"),
    (
        {"AWS_REGION": "a b", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"},
        2,
        "Mend AWS_REGION or AWS_ENDPOINT_URL",
    ),
    (
        {
            "AWS_REGION": "ap-northeast-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        },
        1,
        "AWS was not reached in ap-northeast-1",
    ),
]


@pytest.mark.parametrize(("settings", "status", "said"), SURROUNDINGS, ids=[each[2] for each in SURROUNDINGS])
def test_surroundings_without_aws_are_a_sentence(
    settings: dict[str, str], status: int, said: str, shell: Shell
) -> None:
    done = shell.using(settings)("status")
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr


def test_on_a_terminal_the_table_is_drawn_again_in_its_place(dpc: Shell) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "dpc_assets.cli.main", "aws", "status", "2025-04-a", "--follow"],
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
        timeout=60,
    )
    os.close(theirs)
    drawn = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "Ctrl-C: stop looking" in drawn
    assert "\x1b[" in drawn
    assert "dpc-learning-elt 2025-04 2025-04-a: SUCCEEDED, 1:41" in done.stdout.decode()


def test_the_account_is_told_where_a_machine_is_missing(states: Recorded, dpc: Shell) -> None:
    states.machines = set()
    done = dpc("status")
    assert done.returncode == 2
    assert f"of the account {ACCOUNT}; there is none" in done.stderr


@pytest.mark.parametrize("states", [("load_redriven_running",)], indirect=True)
def test_ctrl_c_stops_looking_and_says_that_the_execution_goes_on(dpc: Shell) -> None:
    command = [sys.executable, "-m", "dpc_assets.cli.main", "aws", "status", REFUSED, "--follow", "--every", "0.1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "RUNNING" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert f"the execution goes on; look again with: dpc aws status {REFUSED} --follow" in err
