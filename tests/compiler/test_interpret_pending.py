"""Tasks that go on outside of the interpreter: what is told of them counts, and limits cut the waiting short.

In virtual time nobody outside can tell anything later, so each is told of before it is asked for, or never. In real
time: tests/local/states.
"""

from __future__ import annotations

from interpreted import TOKEN, machine, task, told

from compiler.interpret import Answer, Call, Failure, Pending, run


def waiting(**fields: object) -> dict[str, object]:
    return task(
        "f",
        Resource=TOKEN,
        Arguments={"T": "{% $states.context.Task.Token %}"},
        Output="{% $states.result %}",
        **fields,
    )


def test_what_was_told_already_takes_no_time() -> None:
    execution = run(machine("A", {"A": task()}), {}, lambda call: Pending(outcome=Answer(7)))
    assert (execution.status, execution.output, execution.end) == ("SUCCEEDED", 7, 0)


def test_the_request_is_answered_before_the_task_is() -> None:
    def work(call: Call) -> Pending:
        return Pending(accepted=True, receipt={"Tasks": []}, outcome=Answer({"rows": 3}))

    execution = run(machine("A", {"A": waiting(HeartbeatSeconds=60)}), {}, work)
    assert execution.output == {"rows": 3}
    assert [type_ for _, type_, _ in told(execution)][2:6] == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
    ]


def test_a_request_that_is_refused_was_never_submitted() -> None:
    execution = run(machine("A", {"A": waiting()}), {}, lambda call: Pending(outcome=Failure("ECS.ServerException")))
    assert execution.error == "ECS.ServerException"
    assert [type_ for _, type_, _ in told(execution)][-2:] == ["TaskSubmitFailed", "ExecutionFailed"]


def test_silence_is_noticed_after_the_heartbeat_and_nobody_waits_any_more() -> None:
    closed: list[float] = []

    def work(call: Call) -> Pending:
        return Pending(accepted=True, heard=20.0, closed=lambda: closed.append(call.time))

    execution = run(machine("A", {"A": waiting(HeartbeatSeconds=60, TimeoutSeconds=300)}), {}, work)
    assert (execution.error, execution.end, closed) == ("States.HeartbeatTimeout", 80, [0.0])


def test_the_limit_of_time_counts_whatever_is_heard() -> None:
    execution = run(
        machine("A", {"A": waiting(HeartbeatSeconds=60, TimeoutSeconds=70)}), {}, lambda call: Pending(heard=50.0)
    )
    assert (execution.error, execution.end) == ("States.Timeout", 70)


def test_a_sibling_that_fails_closes_it() -> None:
    closed: list[str] = []

    def work(call: Call) -> Pending | Failure:
        if call.state == "Bad":
            return Failure("Broken", seconds=5)
        return Pending(closed=lambda: closed.append(call.state))

    branches = [{"StartAt": name, "States": {name: task()}} for name in ("Slow", "Bad")]
    execution = run(machine("P", {"P": {"Type": "Parallel", "Branches": branches, "End": True}}), {}, work)
    assert (execution.error, execution.end, closed) == ("Broken", 5, ["Slow"])
