"""Redrive, as the AWS page on redriving executions says it: what runs again, what does not, what starts anew."""

from typing import Any

import pytest
from interpreted import Script, machine, scope, task, told

from compiler import interpret
from compiler.errors import UsageError
from compiler.interpret import Answer, Call, Failure

BROKEN = Failure("Broken", "why", 4)


def failed(states: dict[str, Any], worker: Any, given: Any = None, **fields: Any) -> interpret.Execution:
    execution = interpret.run(machine(next(iter(states)), states, **fields), given or {}, worker)
    assert execution.status in ("FAILED", "TIMED_OUT")
    return execution


def test_it_goes_on_at_the_task_that_failed() -> None:
    states = {
        "A": task(Assign={"n": "{% $states.result.Payload %}"}, Next="B"),
        "B": task(Arguments={"n": "{% $n %}", "in": "{% $states.input %}"}, Next="C"),
        "C": task(),
    }
    worker = Script(A=Answer(1, 10), B=[BROKEN, Answer(2, 4)], C=Answer(3, 1))
    first = failed(states, worker)
    again = interpret.redrive(first, worker, after=100)
    assert worker.asked() == [(0, "A"), (10, "B"), (114, "B"), (118, "C")]
    assert worker.calls[2].arguments == {"n": 1, "in": 1}
    assert (again.status, again.output, again.end, again.redrives) == ("SUCCEEDED", 3, 119, 1)
    assert told(again)[len(first.history) :] == [
        (114, "ExecutionRedriven", ""),
        (114, "TaskScheduled", "B"),
        (114, "TaskStarted", "B"),
        (118, "TaskSucceeded", "B"),
        (118, "TaskStateExited", "B"),
        (118, "TaskStateEntered", "C"),
        (118, "TaskScheduled", "C"),
        (118, "TaskStarted", "C"),
        (119, "TaskSucceeded", "C"),
        (119, "TaskStateExited", "C"),
        (119, "ExecutionSucceeded", ""),
    ]
    assert again.transitions == 4, "three states and the redrive"
    assert [each.redrive for each in again.attempts] == [0, 0, 1, 1]


def test_the_first_execution_is_left_as_it_was() -> None:
    worker = Script(A=[BROKEN, Answer(1)])
    first = failed({"A": task()}, worker)
    before = first.history
    interpret.redrive(first, worker)
    assert first.history == before and first.status == "FAILED"
    assert interpret.redrive(first, Script()).status == "SUCCEEDED"


def test_the_context_counts_redrives_and_keeps_the_start() -> None:
    worker = Script(A=[BROKEN, BROKEN, Answer(1)])
    second = interpret.redrive(failed({"A": task()}, worker), worker, after=56)
    third = interpret.redrive(second, worker)
    assert third.status == "SUCCEEDED"
    execution = worker.calls[1].context["Execution"]
    assert (execution["RedriveCount"], execution["RedriveTime"]) == (1, "2026-01-01T00:01:00.000Z")
    assert {call.context["Execution"]["StartTime"] for call in worker.calls} == {"2026-01-01T00:00:00.000Z"}
    assert {call.context["Execution"]["Id"] for call in worker.calls} == {execution["Id"]}
    assert worker.calls[2].context["Execution"]["RedriveCount"] == 2


def test_retries_start_anew() -> None:
    worker = Script(A=Failure("Busy"))
    first = failed({"A": task(Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 2}])}, worker)
    interpret.redrive(first, worker)
    assert [call.time for call in worker.calls] == [0, 1, 3, 3, 4, 6]
    assert [call.attempt for call in worker.calls] == [0, 1, 2, 0, 1, 2]


def test_only_the_branches_that_failed_or_were_cut_off_go_on() -> None:
    states = {
        "P": {
            "Type": "Parallel",
            "Branches": [
                scope("Quick", Quick=task()),
                scope(
                    "Long",
                    Long=task(Assign={"l": "{% $states.result.Payload %}"}, Next="Cut"),
                    Cut=task(Next="L"),
                    L={"Type": "Pass", "Output": "{% [$states.input, $l] %}", "End": True},
                ),
                scope("Bad", Bad=task()),
            ],
            "Next": "After",
        },
        "After": {"Type": "Succeed"},
    }
    worker = Script(Quick=Answer("q", 1), Long=Answer("l", 2), Cut=Answer("c", 9), Bad=[BROKEN, Answer("b", 1)])
    first = failed(states, worker)
    again = interpret.redrive(first, worker)
    assert worker.asked() == [(0, "Quick"), (0, "Long"), (0, "Bad"), (2, "Cut"), (4, "Cut"), (4, "Bad")]
    assert again.output == ["q", ["c", "l"], "b"]
    assert again.counts["ParallelStateEntered"] == again.counts["ParallelStateStarted"] == 1


def test_branches_inside_branches_keep_what_succeeded() -> None:
    inner = {"Type": "Parallel", "Branches": [scope("A", A=task()), scope("B", B=task())], "End": True}
    states = {"P": {"Type": "Parallel", "Branches": [scope("N", N=inner), scope("C", C=task())], "End": True}}
    worker = Script(A=Answer("a", 1), B=[BROKEN, Answer("b", 1)], C=Answer("c", 3))
    again = interpret.redrive(failed(states, worker), worker)
    assert worker.asked() == [(0, "C"), (0, "A"), (0, "B"), (4, "B")]
    assert again.output == [["a", "b"], "c"]


def test_only_unfinished_iterations_go_on_and_those_not_begun_begin() -> None:
    broken = True

    def worker(call: Call) -> Answer | Failure:
        index = call.context["Map"]["Item"]["Index"]
        asked.append((call.time, index))
        return (
            Failure("Broken", seconds=5) if broken and index == 1 else Answer(call.context["Map"]["Item"]["Value"], 2)
        )

    asked: list[tuple[float, int]] = []
    state = {
        "Type": "Map",
        "Items": ["a", "b", "c", "d"],
        "MaxConcurrency": 2,
        "ItemProcessor": scope("I", I=task()),
        "End": True,
    }
    first = failed({"M": state}, worker)
    assert asked == [(0, 0), (0, 1), (2, 2), (4, 3)]
    broken = False
    again = interpret.redrive(first, worker)
    assert asked[4:] == [(5, 1), (5, 3)]
    assert again.output == ["a", "b", "c", "d"]


def test_a_parallel_whose_result_was_too_large_runs_again_as_a_whole() -> None:
    states = {"P": {"Type": "Parallel", "Branches": [scope("A", A=task()), scope("B", B=task())], "End": True}}
    worker = Script(A=[Answer("x" * 200_000, 1), Answer("small", 1)], B=Answer("y" * 100_000, 1))
    first = failed(states, worker)
    assert first.error == "States.DataLimitExceeded"
    assert interpret.redrive(first, worker).status == "SUCCEEDED"
    assert [state for _, state in worker.asked()] == ["A", "B", "A", "B"]


def test_a_parallel_of_which_only_the_output_failed_keeps_its_branches() -> None:
    state = {"Type": "Parallel", "Branches": [scope("A", A=task())], "Output": "{% $states.result[0].k %}", "End": True}
    worker = Script(A=Answer(1))
    first = failed({"P": state}, worker)
    assert interpret.redrive(first, worker).error == "States.QueryEvaluationError"
    assert len(worker.calls) == 1


def test_a_fail_state_fails_again() -> None:
    first = failed({"F": {"Type": "Fail", "Error": "Held"}}, Script())
    again = interpret.redrive(first, Script())
    assert (again.status, again.error) == ("FAILED", "Held")


def test_a_caught_failure_is_not_gone_back_to() -> None:
    states = {
        "A": task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "F"}]),
        "F": {"Type": "Fail", "Error": "{% $states.input.Error %}"},
    }
    worker = Script(A=[BROKEN, Answer()])
    again = interpret.redrive(failed(states, worker), worker)
    assert (again.status, again.error, len(worker.calls)) == ("FAILED", "Broken", 1)


def test_a_choice_is_asked_again_and_a_wait_waits_again() -> None:
    states = {
        "P": {
            "Type": "Parallel",
            "Branches": [
                scope("W", W={"Type": "Wait", "Seconds": 10, "End": True}),
                scope("U", U={"Type": "Wait", "Timestamp": "2026-01-01T00:00:06Z", "End": True}),
                scope("A", A=task()),
            ],
            "End": True,
        }
    }
    worker = Script(A=[BROKEN, Answer(None, 1)])
    again = interpret.redrive(failed(states, worker), worker, after=3)
    assert again.end == 17
    assert [(event.time, event.state) for event in again.history if event.type == "WaitStateExited"] == [
        (7, "U"),
        (17, "W"),
    ]
    states = {"C": {"Type": "Choice", "Choices": [{"Condition": False, "Next": "S"}]}, "S": {"Type": "Succeed"}}
    again = interpret.redrive(failed(states, Script()), Script())
    assert (again.error, again.counts["ChoiceStateEntered"]) == ("States.NoChoiceMatched", 1)


def test_the_machines_time_limit_starts_anew() -> None:
    worker = Script(A=[Answer(None, 200), Answer(None, 90)])
    first = failed({"A": task()}, worker, TimeoutSeconds=100)
    assert (first.status, first.end) == ("TIMED_OUT", 100)
    again = interpret.redrive(first, worker)
    assert (again.status, again.end) == ("SUCCEEDED", 190)


def test_what_succeeded_is_not_redriven() -> None:
    execution = interpret.run(machine("S", {"S": {"Type": "Succeed"}}), {}, Script())
    with pytest.raises(UsageError, match="nothing to redrive"):
        interpret.redrive(execution, Script())


def test_a_full_history_is_not_redriven() -> None:
    first = failed({"A": {"Type": "Pass", "Next": "A"}}, Script())
    with pytest.raises(UsageError, match="25000 events"):
        interpret.redrive(first, Script())
