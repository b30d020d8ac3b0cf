"""Each state type of the States Language, by what it answers and what it leaves in the history."""

from typing import Any

import pytest
from interpreted import INVOKE, Script, machine, scope, task, told

from compiler import interpret
from compiler.errors import Refused
from compiler.interpret import Answer, Call, Failure


def run(states: dict[str, Any], given: Any = None, worker: Any = None, **fields: Any) -> interpret.Execution:
    first = next(iter(states))
    return interpret.run(machine(first, states, **fields), given, worker or Script())


def test_a_task_takes_its_time_and_gives_its_answer() -> None:
    execution = run({"A": task()}, {"n": 1}, Script(A=Answer({"x": 2}, 7.5)))
    assert (execution.status, execution.output, execution.end) == ("SUCCEEDED", {"x": 2}, 7.5)
    assert told(execution) == [
        (0.0, "ExecutionStarted", ""),
        (0.0, "TaskStateEntered", "A"),
        (0.0, "TaskScheduled", "A"),
        (0.0, "TaskStarted", "A"),
        (7.5, "TaskSucceeded", "A"),
        (7.5, "TaskStateExited", "A"),
        (7.5, "ExecutionSucceeded", ""),
    ]
    assert (execution.events, execution.transitions) == (7, 1)


def test_a_lambda_function_named_as_the_resource_has_events_of_its_own() -> None:
    resource = "arn:aws:lambda:us-east-1:123456789012:function:f"
    execution = run({"A": {"Type": "Task", "Resource": resource, "End": True}}, {}, Script(A=Answer(5)))
    assert execution.output == 5
    assert execution.counts["LambdaFunctionSucceeded"] == 1


def test_what_lambda_answers_is_wrapped_and_what_others_answer_is_not() -> None:
    whole = {"Type": "Task", "Resource": INVOKE, "Arguments": {}, "End": True}
    execution = run({"A": whole}, {}, Script(A=Answer([1])))
    assert execution.output == {"ExecutedVersion": "$LATEST", "Payload": [1], "StatusCode": 200}
    execution = run(
        {"A": {**whole, "Resource": "arn:aws:states:::sns:publish"}}, {}, Script(A=Answer({"MessageId": "1"}))
    )
    assert execution.output == {"MessageId": "1"}


def test_a_pass_hands_on_its_input_or_its_output() -> None:
    execution = run(
        {
            "A": {"Type": "Pass", "Next": "B"},
            "B": {"Type": "Pass", "Output": {"k": [1, "{% $states.input.n %}"]}, "End": True},
        },
        {"n": 2},
    )
    assert execution.output == {"k": [1, 2]}
    assert execution.end == 0.0
    assert execution.counts == {
        "ExecutionStarted": 1,
        "ExecutionSucceeded": 1,
        "PassStateEntered": 2,
        "PassStateExited": 2,
    }


def test_the_first_choice_that_holds_is_taken() -> None:
    states = {
        "C": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $states.input.n > 5 %}", "Next": "Large"},
                {
                    "Condition": "{% $states.input.n > 2 %}",
                    "Next": "Middle",
                    "Output": {"was": "{% $states.input.n %}"},
                    "Assign": {"seen": True},
                },
            ],
            "Default": "Small",
            "Output": "none",
            "Assign": {"seen": False},
        },
        "Large": {"Type": "Succeed"},
        "Middle": {"Type": "Pass", "Output": "{% [$states.input.was, $seen] %}", "End": True},
        "Small": {"Type": "Pass", "Output": "{% [$states.input, $seen] %}", "End": True},
    }
    assert run(states, {"n": 9}).output == {"n": 9}
    assert run(states, {"n": 3}).output == [3, True]
    assert run(states, {"n": 1}).output == ["none", False]


def test_a_choice_without_a_match_fails() -> None:
    states = {"C": {"Type": "Choice", "Choices": [{"Condition": False, "Next": "S"}]}, "S": {"Type": "Succeed"}}
    execution = run(states, {})
    assert (execution.status, execution.error) == ("FAILED", "States.NoChoiceMatched")


def test_a_condition_that_is_not_true_or_false_fails() -> None:
    states = {
        "C": {"Type": "Choice", "Choices": [{"Condition": "{% 'yes' %}", "Next": "S"}], "Default": "S"},
        "S": {"Type": "Succeed"},
    }
    execution = run(states, {})
    assert execution.error == "States.QueryEvaluationError"
    assert execution.counts["EvaluationFailed"] == 1


def test_a_wait_passes_seconds_or_until_a_time() -> None:
    states = {
        "W": {"Type": "Wait", "Seconds": "{% $states.input.s * 2 %}", "Next": "U"},
        "U": {"Type": "Wait", "Timestamp": "2026-01-01T00:01:40Z", "Next": "Past"},
        "Past": {"Type": "Wait", "Timestamp": "2025-01-01T00:00:00+09:00", "End": True},
    }
    execution = run(states, {"s": 15})
    assert execution.end == 100.0
    assert [event.time for event in execution.history if event.type == "WaitStateExited"] == [30.0, 100.0, 100.0]


@pytest.mark.parametrize(
    "field",
    [
        {"Seconds": "{% 'soon' %}"},
        {"Seconds": -1},
        {"Seconds": True},
        {"Timestamp": "tomorrow"},
        {"Timestamp": "2026-01-01T00:00:00"},
    ],
    ids=str,
)
def test_a_wait_for_what_is_no_time_fails(field: dict[str, Any]) -> None:
    assert run({"W": {"Type": "Wait", **field, "End": True}}).error == "States.QueryEvaluationError"


def test_succeed_ends_with_its_output() -> None:
    assert run({"S": {"Type": "Succeed", "Output": "{% $states.input.a %}"}}, {"a": [1]}).output == [1]


def test_fail_ends_with_its_error_and_cause() -> None:
    execution = run(
        {"F": {"Type": "Fail", "Error": "Held", "Cause": "{% 'month ' & $states.input.m %}"}}, {"m": "2025-04"}
    )
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Held", "month 2025-04")
    assert told(execution) == [
        (0.0, "ExecutionStarted", ""),
        (0.0, "FailStateEntered", "F"),
        (0.0, "ExecutionFailed", ""),
    ]


def test_the_context_says_where_and_when() -> None:
    seen: list[Call] = []

    def worker(call: Call) -> Answer | Failure:
        seen.append(call)
        return Failure("Again", seconds=1) if len(seen) == 1 else Answer(None, 2)

    states = {
        "W": {"Type": "Wait", "Seconds": 61.5, "Next": "A"},
        "A": task(Retry=[{"ErrorEquals": ["Again"]}]),
    }
    interpret.run(machine("W", states), {"p": 1}, worker, name="run-1", machine_name="shop")
    assert seen[1].context == {
        "Execution": {
            "Id": "arn:aws:states:us-east-1:123456789012:execution:shop:run-1",
            "Input": {"p": 1},
            "Name": "run-1",
            "RoleArn": "arn:aws:iam::123456789012:role/shop",
            "StartTime": "2026-01-01T00:00:00.000Z",
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": "arn:aws:states:us-east-1:123456789012:stateMachine:shop", "Name": "shop"},
        "State": {"EnteredTime": "2026-01-01T00:01:01.500Z", "Name": "A", "RetryCount": 1},
    }
    assert (seen[1].attempt, seen[1].time) == (1, 63.5)


def test_all_of_assign_sees_the_values_from_before_the_state() -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"x": 1, "y": 10}, "Next": "B"},
        "B": {"Type": "Pass", "Assign": {"x": "{% $y %}", "y": "{% $x %}"}, "Output": "{% [$x, $y] %}", "Next": "C"},
        "C": {"Type": "Pass", "Output": "{% [$states.input, $x, $y] %}", "End": True},
    }
    assert run(states).output == [1, 10, 10, 1]


def test_branches_read_the_outer_variables_and_keep_their_own() -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"outer": 1}, "Next": "P"},
        "P": {
            "Type": "Parallel",
            "Branches": [
                scope(
                    "B",
                    B={"Type": "Pass", "Assign": {"inner": "{% $outer + 1 %}"}, "Next": "B2"},
                    B2={"Type": "Pass", "Output": "{% [$inner, $outer] %}", "End": True},
                ),
                scope("D", D={"Type": "Pass", "Output": "{% $exists($inner) %}", "End": True}),
            ],
            "Output": {"both": "{% $states.result %}", "leaked": "{% $exists($inner) %}", "outer": "{% $outer %}"},
            "End": True,
        },
    }
    assert run(states).output == {"both": [[2, 1], False], "leaked": False, "outer": 1}


def test_output_and_assign_of_a_task_see_its_result() -> None:
    states = {
        "A": task(Assign={"kept": "{% $states.result.Payload.k %}"}, Output={}, Next="B"),
        "B": {"Type": "Pass", "Output": "{% [$states.input, $kept] %}", "End": True},
    }
    assert run(states, {}, Script(A=Answer({"k": "v"}))).output == [{}, "v"]


def test_what_is_not_run_here_is_refused_all_at_once() -> None:
    states = {
        "A": {"Type": "Task", "Resource": "r", "ResultPath": "$.x", "Next": "Nowhere"},
        "M": {
            "Type": "Map",
            "ItemReader": {},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **scope("I", I={"Type": "Walk"})},
            "End": True,
        },
        "J": {"Type": "Pass", "QueryLanguage": "JSONPath", "End": True},
        "E": {"Type": "Pass"},
    }
    with pytest.raises(Refused) as refused:
        run(states)
    assert [(each.where, each.message) for each in refused.value.problems] == [
        ("A", "Next 'Nowhere' is no state of the same scope"),
        ("A", "the field ResultPath of a Task is not run here"),
        ("E", "Next '' is no state of the same scope"),
        ("I", "Type 'Walk' is none of Task, Pass, Choice, Wait, Succeed, Fail, Parallel, Map"),
        ("J", "only JSONata is run here"),
        ("M", "only inline maps are run here"),
        ("M", "the field ItemReader of a Map is not run here"),
    ]


def test_a_definition_without_a_query_language_is_jsonpath() -> None:
    with pytest.raises(Refused, match="only JSONata"):
        interpret.read({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})


def test_a_machine_without_its_first_state_is_refused() -> None:
    with pytest.raises(Refused, match="StartAt 'A' is none of its States"):
        interpret.read({"QueryLanguage": "JSONata", "StartAt": "A", "States": {}})


def test_an_endless_loop_ends_at_the_limit_of_events() -> None:
    execution = run({"A": {"Type": "Pass", "Next": "A"}})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert execution.events == 25_000
