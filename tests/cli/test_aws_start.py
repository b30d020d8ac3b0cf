"""`dpc aws start`, `redrive` and `rerun`, against a served AWS: what was called, what is said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from aws_shell import DAILY, ELT, PARENT, REFUSED, Shell
from recorded_states import STATES, Failed, Recorded, served


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
