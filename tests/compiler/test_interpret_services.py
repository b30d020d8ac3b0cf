"""The services that tasks call: child executions, the Data API, tokens."""

import json
from typing import Any

from interpreted import Script, machine, scope, task

from compiler import interpret
from compiler.interpret import Answer, Call, Failure, Silence

START = "arn:aws:states:::states:startExecution.sync:2"
DATA = "arn:aws:states:::aws-sdk:redshiftdata:"


def start(**fields: Any) -> dict[str, Any]:
    arguments = {"StateMachineArn": "${machine_child}", "Input": {"month": "{% $states.input.month %}"}}
    found = {"Type": "Task", "Resource": START, "Arguments": arguments, "TimeoutSeconds": 1000, **fields}
    return found if "Next" in found else {**found, "End": True}


def run(parent: dict[str, Any], child: dict[str, Any], worker: Any, given: Any) -> interpret.Execution:
    machines = {"${machine_child}": machine(next(iter(child)), child)}
    return interpret.run(machine(next(iter(parent)), parent), given, worker, machines=machines, name="parent")


def test_a_child_execution_runs_in_the_same_time() -> None:
    parent = {"W": {"Type": "Wait", "Seconds": 5, "Next": "Run"}, "Run": start(Output="{% $states.result %}")}
    execution = run(parent, {"A": task()}, Script(A=Answer("done", 20)), {"month": "2025-04"})
    assert execution.end == 25
    assert execution.output == {
        "ExecutionArn": "arn:aws:states:us-east-1:123456789012:execution:machine_child:parent-1",
        "Input": {"month": "2025-04"},
        "Name": "parent-1",
        "Output": "done",
        "StartDate": "2026-01-01T00:00:05.000Z",
        "StateMachineArn": "${machine_child}",
        "Status": "SUCCEEDED",
        "StopDate": "2026-01-01T00:00:25.000Z",
    }
    (child,) = execution.children
    assert (child.input, child.status, child.end) == ({"month": "2025-04"}, "SUCCEEDED", 25)
    assert execution.counts["TaskSubmitted"] == 1


def test_a_child_that_fails_is_task_failed_with_its_description() -> None:
    execution = run({"Run": start()}, {"A": task()}, Script(A=Failure("Held", "why", 3)), {"month": 1})
    assert (execution.error, execution.end) == ("States.TaskFailed", 3)
    told = json.loads(execution.cause)
    assert (told["Status"], told["Error"], told["Cause"]) == ("FAILED", "Held", "why")


def test_a_loop_over_children_goes_on_after_one_that_fails() -> None:
    loop = {
        "Each": {
            "Type": "Map",
            "Items": [{"month": 1}, {"month": 2}, {"month": 3}],
            "MaxConcurrency": 1,
            "ItemProcessor": scope(
                "Run",
                Run=start(Catch=[{"ErrorEquals": ["States.ALL"], "Output": "failed", "Next": "Failed"}], Output="ran"),
                Failed={"Type": "Pass", "End": True},
            ),
            "End": True,
        }
    }
    worker = Script(A=[Answer(None, 10), Failure("Held", seconds=4), Answer(None, 10)])
    execution = run(loop, {"A": task()}, worker, {})
    assert (execution.output, execution.end) == (["ran", "failed", "ran"], 24)
    assert [child.status for child in execution.children] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]
    assert [child.name for child in execution.children] == ["parent-1", "parent-2", "parent-3"]


def test_a_child_is_stopped_when_its_parents_task_ends() -> None:
    execution = run({"Run": start(TimeoutSeconds=30)}, {"A": task()}, Script(A=Answer(None, 100)), {"month": 1})
    assert (execution.error, execution.end) == ("States.Timeout", 30)
    assert [child.status for child in execution.children] == ["ABORTED"]
    sibling = {"P": {"Type": "Parallel", "Branches": [scope("Run", Run=start()), scope("B", B=task())], "End": True}}
    execution = run(sibling, {"A": task()}, Script(A=Answer(None, 100), B=Failure("Broken", seconds=7)), {"month": 1})
    (child,) = execution.children
    assert (execution.error, child.status, child.end) == ("Broken", "ABORTED", 7)


def test_a_redrive_starts_another_child() -> None:
    worker = Script(A=[Failure("Held", seconds=1), Answer("fine", 1)])
    first = run({"Run": start(Output="{% $states.result.Output %}")}, {"A": task()}, worker, {"month": 1})
    again = interpret.redrive(first, worker, machines={"${machine_child}": machine("A", {"A": task()})})
    assert (again.output, [child.name for child in again.children]) == ("fine", ["parent-1", "parent-2"])


def statement_machine() -> dict[str, Any]:
    return machine(
        "Execute",
        {
            "Execute": {
                "Type": "Task",
                "Resource": DATA + "batchExecuteStatement",
                "Arguments": {"Sqls": ["select 1"]},
                "Assign": {"id": "{% $states.result.Id %}"},
                "Next": "Wait",
            },
            "Wait": {"Type": "Wait", "Seconds": 5, "Next": "Describe"},
            "Describe": {
                "Type": "Task",
                "Resource": DATA + "describeStatement",
                "Arguments": {"Id": "{% $id %}"},
                "Output": "{% $states.result %}",
                "Next": "Done?",
            },
            "Done?": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% $states.input.Status = 'FINISHED' %}", "Next": "Done"},
                    {"Condition": "{% $states.input.Status = 'FAILED' %}", "Next": "Failed"},
                ],
                "Default": "Wait",
            },
            "Done": {"Type": "Succeed"},
            "Failed": {"Type": "Fail", "Error": "Statement", "Cause": "{% $states.input.Error %}"},
        },
        TimeoutSeconds=60,
    )


def test_a_statement_is_accepted_at_once_and_finishes_in_its_time() -> None:
    execution = interpret.run(statement_machine(), {}, Script(Execute=Answer(7, 12)))
    assert (execution.output, execution.end) == ({"Id": "statement-1", "Status": "FINISHED", "ResultRows": 7}, 15)
    assert execution.entered.count("Describe") == 3


def test_a_statement_that_fails_says_why_and_one_that_hangs_hangs() -> None:
    execution = interpret.run(statement_machine(), {}, Script(Execute=Failure("Syntax", "near FROM", 1)))
    assert (execution.error, execution.cause, execution.end) == ("Statement", "Syntax: near FROM", 5)
    assert interpret.run(statement_machine(), {}, Script(Execute=Silence())).status == "TIMED_OUT"


def test_an_unknown_statement_is_not_found() -> None:
    states = {"D": {"Type": "Task", "Resource": DATA + "describeStatement", "Arguments": {"Id": "x"}, "End": True}}
    execution = interpret.run(machine("D", states), {}, Script())
    assert execution.error == "RedshiftData.ResourceNotFoundException"


def test_the_same_run_has_the_same_tokens_and_times() -> None:
    seen: list[list[Call]] = []
    states = {
        "A": {
            "Type": "Pass",
            "Assign": {"id": "{% $uuid() %}", "at": "{% $now() %}", "r": "{% $random() %}"},
            "Next": "B",
        },
        "B": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Arguments": {"t": "{% $states.context.Task.Token %}", "v": "{% [$id, $at, $r, $millis()] %}"},
            "End": True,
        },
    }
    for _ in range(2):
        worker = Script(B=Answer(1, 1))
        interpret.run(machine("A", states), {}, worker)
        seen.append(worker.calls)
    assert seen[0] == seen[1]
    id_, at, random, millis = seen[0][0].arguments["v"]
    assert (len(id_), at, millis) == (36, "2026-01-01T00:00:00.000Z", 1767225600000)
    assert 0 <= random < 1
