"""Errors, by name and by second: Retry, Catch, time limits, heartbeats, payloads."""

from typing import Any

import pytest
from interpreted import TOKEN, Script, machine, scope, task, told

from compiler import interpret
from compiler.interpret import Answer, Failure, Silence

BUSY = Failure("Busy", "try later", 2)


def run(states: dict[str, Any], worker: Script, **fields: Any) -> interpret.Execution:
    return interpret.run(machine(next(iter(states)), states, **fields), {}, worker)


def test_a_failure_that_nothing_takes_ends_the_execution() -> None:
    execution = run({"A": task(Next="B"), "B": task()}, Script(A=BUSY))
    assert (execution.status, execution.error, execution.cause, execution.end) == ("FAILED", "Busy", "try later", 2)
    assert told(execution)[-2:] == [(2, "TaskFailed", "A"), (2, "ExecutionFailed", "")]
    assert execution.entered == ("A",)


def test_retries_wait_longer_each_time_up_to_the_cap() -> None:
    retry = {"ErrorEquals": ["Busy"], "IntervalSeconds": 5, "BackoffRate": 2.0, "MaxAttempts": 4, "MaxDelaySeconds": 15}
    worker = Script(A=[BUSY] * 4 + [Answer("done", 1)])
    execution = run({"A": task(Retry=[retry])}, worker)
    # tries end at 2, 9, 21, 38, 54: waits of 5, 10, 15 and 15 seconds
    assert worker.asked() == [(0, "A"), (7, "A"), (19, "A"), (36, "A"), (53, "A")]
    assert (execution.output, execution.end) == ("done", 54)
    assert execution.counts["TaskStateEntered"] == 1
    assert execution.counts["TaskFailed"] == 4
    assert (execution.retries, execution.transitions) == (4, 5)
    assert [each.retry for each in execution.attempts] == [0, 1, 2, 3, 4]


def test_the_defaults_of_a_retry() -> None:
    worker = Script(A=BUSY)
    execution = run({"A": task(Retry=[{"ErrorEquals": ["States.ALL"]}])}, worker)
    assert worker.asked() == [(0, "A"), (3, "A"), (7, "A"), (13, "A")]
    assert (execution.status, execution.end) == ("FAILED", 15)


def test_no_attempts_means_none() -> None:
    worker = Script(A=BUSY)
    retry = [{"ErrorEquals": ["Busy"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]
    assert run({"A": task(Retry=retry)}, worker).end == 2
    assert len(worker.calls) == 1


def test_each_retrier_counts_for_itself() -> None:
    retry = [
        {"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 3},
        {"ErrorEquals": ["Slow"], "IntervalSeconds": 10, "MaxAttempts": 1},
    ]
    worker = Script(A=[Failure("Busy"), Failure("Slow"), Failure("Busy"), Answer("ok")])
    run({"A": task(Retry=retry)}, worker)
    assert [call.time for call in worker.calls] == [0, 1, 11, 14]
    assert [call.attempt for call in worker.calls] == [0, 1, 2, 3]


def test_jitter_is_the_callers_and_only_where_it_is_asked_for() -> None:
    states = {
        "A": task(Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 10, "JitterStrategy": "FULL"}], Next="B"),
        "B": task(Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 10, "JitterStrategy": "NONE"}]),
    }
    worker = Script(A=[Failure("Busy"), Answer()], B=[Failure("Busy"), Answer()])
    interpret.run(machine("A", states), {}, worker, jitter=lambda delay: delay / 4)
    assert worker.asked() == [(0, "A"), (2.5, "A"), (2.5, "B"), (12.5, "B")]


def test_a_catch_goes_on_with_the_error() -> None:
    states = {
        "A": task(
            Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 1}],
            Catch=[
                {"ErrorEquals": ["Other"], "Next": "B"},
                {
                    "ErrorEquals": ["Busy"],
                    "Assign": {"why": "{% $states.errorOutput.Cause %}"},
                    "Output": {"error": "{% $states.errorOutput.Error %}", "in": "{% $states.input %}"},
                    "Next": "B",
                },
            ],
        ),
        "B": {"Type": "Pass", "Output": {"from": "{% $states.input %}", "why": "{% $why %}"}, "End": True},
    }
    execution = run(states, Script(A=BUSY))
    assert execution.output == {"from": {"error": "Busy", "in": {}}, "why": "try later"}
    assert execution.end == 5


def test_a_catch_without_output_hands_on_the_error_output() -> None:
    states = {"A": task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]), "B": {"Type": "Succeed"}}
    assert run(states, Script(A=BUSY)).output == {"Error": "Busy", "Cause": "try later"}


@pytest.mark.parametrize(
    ("error", "taken_by"),
    [
        ("Any.Name", {"States.ALL", "States.TaskFailed"}),
        ("States.Timeout", {"States.ALL", "States.Timeout"}),
        ("States.HeartbeatTimeout", {"States.ALL", "States.Timeout", "States.HeartbeatTimeout"}),
        ("States.QueryEvaluationError", {"States.ALL", "States.QueryEvaluationError"}),
        ("States.DataLimitExceeded", {"States.DataLimitExceeded"}),
        ("States.Runtime", {"States.Runtime"}),
    ],
)
def test_which_names_take_which_error(error: str, taken_by: set[str]) -> None:
    names = {
        "States.ALL",
        "States.TaskFailed",
        "States.Timeout",
        "States.HeartbeatTimeout",
        "States.QueryEvaluationError",
        "States.DataLimitExceeded",
        "States.Runtime",
    }
    found = set()
    for name in names:
        states = {"A": task(Catch=[{"ErrorEquals": [name], "Next": "B"}]), "B": {"Type": "Succeed"}}
        if run(states, Script(A=Failure(error))).status == "SUCCEEDED":
            found.add(name)
    assert found == taken_by


def test_a_task_is_cut_off_at_its_time_limit_and_tried_again() -> None:
    worker = Script(A=[Answer("late", 31), Answer("in time", 30)])
    states = {"A": task(TimeoutSeconds="{% 30 %}", Retry=[{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1}])}
    execution = run(states, worker)
    assert (execution.output, execution.end) == ("in time", 61)
    assert [(each.end, each.outcome) for each in execution.attempts] == [(30, "timed out"), (61, "succeeded")]
    assert execution.counts["TaskTimedOut"] == 1


def test_a_dead_container_is_noticed_by_its_heartbeat() -> None:
    container = {
        "Type": "Task",
        "Resource": TOKEN,
        "Arguments": {"Token": "{% $states.context.Task.Token %}"},
        "TimeoutSeconds": 7200,
        "HeartbeatSeconds": 120,
        "Retry": [{"ErrorEquals": ["States.HeartbeatTimeout"], "IntervalSeconds": 30, "MaxAttempts": 1}],
        "End": True,
    }
    worker = Script(A=[Silence(400), Answer({"models": 3}, 500)])
    execution = run({"A": container}, worker)
    assert (execution.output, execution.end) == ({"models": 3}, 400 + 120 + 30 + 500)
    tokens = [call.arguments["Token"] for call in worker.calls]
    assert len(set(tokens)) == 2 and tokens == [call.context["Task"]["Token"] for call in worker.calls]
    assert execution.counts["TaskSubmitted"] == 2


def test_what_never_answers_ends_at_its_limit_and_without_one_at_the_machines() -> None:
    assert run({"A": task(TimeoutSeconds=60)}, Script(A=Silence(5))).end == 60
    execution = run({"A": task()}, Script(A=Silence()), TimeoutSeconds=3600)
    assert (execution.status, execution.error, execution.end) == ("TIMED_OUT", "States.Timeout", 3600)
    assert told(execution)[-2:] == [(3600, "TaskStateAborted", "A"), (3600, "ExecutionTimedOut", "")]
    assert execution.attempts[0].outcome == "aborted"


@pytest.mark.parametrize("limit", [0, -1, "{% 'x' %}", True], ids=str)
def test_a_limit_that_is_no_number_above_0_fails(limit: Any) -> None:
    assert run({"A": task(TimeoutSeconds=limit)}, Script()).error == "States.QueryEvaluationError"


@pytest.mark.parametrize(
    "fields",
    [
        {"Arguments": "{% $nothing %}"},
        {"Arguments": {"a": ["{% $states.input.nothing %}"]}},
        {"Arguments": "{% 1 + 'a' %}"},
        {"Arguments": "{% $sum %}"},
        {"Arguments": "{% $eval('1') %}"},
        {"Output": "{% $states.errorOutput %}"},
        {"Assign": {"x": "{% $number('abc') %}"}},
    ],
    ids=str,
)
def test_an_expression_that_fails_fails_its_state_and_can_be_caught(fields: dict[str, Any]) -> None:
    states = {"A": task(**fields)}
    execution = run(states, Script())
    assert execution.error == "States.QueryEvaluationError"
    assert [event.state for event in execution.history if event.type == "EvaluationFailed"] == ["A"]
    caught = {
        "A": task(**fields, Catch=[{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "B"}]),
        "B": {"Type": "Succeed"},
    }
    assert run(caught, Script()).status == "SUCCEEDED"


@pytest.mark.parametrize(
    ("states", "worker"),
    [
        ({"A": task(Arguments={"a": "{% $pad('x', 262144) %}"})}, Script()),
        ({"A": task()}, Script(A=Answer("x" * 262_144))),
        ({"A": {"Type": "Pass", "Output": "{% $pad('x', 262143) %}", "End": True}}, Script()),
        ({"A": {"Type": "Pass", "Assign": {"x": "{% $pad('', 87400, '漢') %}"}, "End": True}}, Script()),
    ],
    ids=["arguments", "result", "output", "variables, in bytes"],
)
def test_payloads_have_a_limit(states: dict[str, Any], worker: Script) -> None:
    execution = run(states, worker)
    assert execution.error == "States.DataLimitExceeded"
    assert "limit is 262144" in execution.cause


def test_a_payload_of_exactly_the_limit_passes() -> None:
    execution = run({"A": {"Type": "Pass", "Output": "{% $pad('x', 262142) %}", "End": True}}, Script())
    assert execution.status == "SUCCEEDED"


def test_the_first_branch_that_fails_cuts_the_others_off() -> None:
    states = {
        "P": {
            "Type": "Parallel",
            "Branches": [
                scope("A", A=task(Next="A2"), A2=task()),
                scope("B", B=task(Next="B2"), B2=task()),
                scope("W", W={"Type": "Wait", "Seconds": 100, "End": True}),
                scope("D", D=task()),
            ],
            "Next": "After",
        },
        "After": task(),
    }
    worker = Script(A=Answer(1, 10), A2=Answer(2, 50), B=Failure("Broken", "why", 30), D=Answer(3, 5))
    execution = run(states, worker)
    assert (execution.status, execution.error, execution.end) == ("FAILED", "Broken", 30)
    assert [(each.state, each.outcome, each.start, each.end) for each in execution.attempts] == [
        ("D", "succeeded", 0, 5),
        ("A", "succeeded", 0, 10),
        ("B", "failed", 0, 30),
        ("A2", "aborted", 10, 30),
    ]
    assert told(execution)[-5:] == [
        (30, "TaskFailed", "B"),
        (30, "TaskStateAborted", "A2"),
        (30, "WaitStateAborted", "W"),
        (30, "ParallelStateFailed", "P"),
        (30, "ExecutionFailed", ""),
    ]


def test_a_parallel_that_is_tried_again_runs_all_its_branches() -> None:
    states = {
        "P": {
            "Type": "Parallel",
            "Branches": [scope("A", A=task()), scope("B", B=task())],
            "Retry": [{"ErrorEquals": ["Broken"], "IntervalSeconds": 3, "MaxAttempts": 1}],
            "End": True,
        }
    }
    worker = Script(A=Answer("a", 1), B=[Failure("Broken", seconds=4), Answer("b", 2)])
    execution = run(states, worker)
    assert worker.asked() == [(0, "A"), (0, "B"), (7, "A"), (7, "B")]
    assert (execution.output, execution.end, execution.retries) == (["a", "b"], 9, 1)


def test_a_parallel_catches_for_its_branches() -> None:
    states = {
        "P": {
            "Type": "Parallel",
            "Branches": [scope("F", F={"Type": "Fail", "Error": "Held"}), scope("A", A=task())],
            "Catch": [{"ErrorEquals": ["Held"], "Output": "caught", "Next": "S"}],
            "End": True,
        },
        "S": {"Type": "Succeed"},
    }
    execution = run(states, Script(A=Answer("a", 9)))
    assert (execution.output, execution.end) == ("caught", 0)
