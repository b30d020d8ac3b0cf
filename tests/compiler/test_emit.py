"""Definitions as text: exact bytes of a small machine, one line a state."""

import json

from compiler.emit import emit
from compiler.graph import Retry
from compiler.states import Catch, Choice, Fail, Map, Parallel, Pass, Scope, StateMachine, Succeed, Task

CALL = Task("a", "arn:aws:states:::lambda:invoke", {"FunctionName": "${lambda_a}"}, 20)


def machine(*states: object) -> StateMachine:
    return StateMachine("shop", "A shop's day, 毎日", 600, Scope(states))  # type: ignore[arg-type]


def test_the_text_of_a_small_machine() -> None:
    found = emit(
        machine(
            Choice("a?", "'a' in $selected", "a", "a passed over"),
            Pass("a passed over", "b | c"),
            Task(**{**vars(CALL), "retry": (Retry(("Slow", "Gone"), 3, 2, 1, 0, False),), "next": "b | c"}),
            Parallel("b | c", (Scope((Pass("b"),)), Scope((Pass("c"),))), "end"),
            Succeed("end"),
        )
    )
    assert found == (
        '{"Comment":"A shop\'s day, 毎日","QueryLanguage":"JSONata","TimeoutSeconds":600,"StartAt":"a?","States":{\n'
        '"a?":{"Type":"Choice","Choices":[{"Condition":"{% \'a\' in $selected %}","Next":"a"}],'
        '"Default":"a passed over"},\n'
        '"a passed over":{"Type":"Pass","Next":"b | c"},\n'
        '"a":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"${lambda_a}"},'
        '"Output":{},"TimeoutSeconds":20,"Retry":[{"ErrorEquals":["Slow","Gone"],"IntervalSeconds":3,"MaxAttempts":2,'
        '"BackoffRate":1.0}],"Next":"b | c"},\n'
        '"b | c":{"Type":"Parallel","Branches":[{"StartAt":"b","States":{\n'
        '"b":{"Type":"Pass","End":true}\n'
        '}},{"StartAt":"c","States":{\n'
        '"c":{"Type":"Pass","End":true}\n'
        '}}],"Output":{},"Next":"end"},\n'
        '"end":{"Type":"Succeed"}\n'
        "}}\n"
    )


def test_every_field_of_a_task() -> None:
    task = Task(
        "t",
        "arn:aws:states:::ecs:runTask.waitForTaskToken",
        {"Cluster": "${cluster}"},
        100,
        heartbeat_s=30,
        retry=(Retry(("Slow",), 5, 6, 2, 120),),
        assign={"x": "{% $states.result %}"},
        output={"n": 1},
        catch=Catch("sorry", {"failed": True}),
        next="end",
    )
    found = json.loads(emit(machine(task, Pass("sorry", "end"), Succeed("end"))))
    assert found["States"]["t"] == {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken",
        "Arguments": {"Cluster": "${cluster}"},
        "Assign": {"x": "{% $states.result %}"},
        "Output": {"n": 1},
        "TimeoutSeconds": 100,
        "HeartbeatSeconds": 30,
        "Retry": [
            {
                "ErrorEquals": ["Slow"],
                "IntervalSeconds": 5,
                "MaxAttempts": 6,
                "BackoffRate": 2.0,
                "MaxDelaySeconds": 120,
                "JitterStrategy": "FULL",
            }
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Output": {"failed": True}, "Next": "sorry"}],
        "Next": "end",
    }


def test_map_and_fail() -> None:
    each = Map("m", "{% $states.input.items %}", 4, Scope((CALL,)), {"n": 1}, "bad")
    found = json.loads(emit(machine(each, Fail("bad", "NotGood", "{% $states.input %}"))))
    assert found["States"] == {
        "m": {
            "Type": "Map",
            "Items": "{% $states.input.items %}",
            "MaxConcurrency": 4,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "a",
                "States": {
                    "a": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "Arguments": {"FunctionName": "${lambda_a}"},
                        "Output": {},
                        "TimeoutSeconds": 20,
                        "End": True,
                    }
                },
            },
            "Assign": {"n": 1},
            "Output": {},
            "Next": "bad",
        },
        "bad": {"Type": "Fail", "Error": "NotGood", "Cause": "{% $states.input %}"},
    }


def test_an_argument_named_states_is_written_like_any_other() -> None:
    text = emit(machine(Task("a", "arn:aws:states:::lambda:invoke", {"States": {"x": 1, "y": [1, 2]}}, 20)))
    assert json.loads(text)["States"]["a"]["Arguments"] == {"States": {"x": 1, "y": [1, 2]}}
