"""The engine in this process: its clock, limits, tokens and redrive, with work that the test does by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aws_local.errors import AwsError
from aws_local.states.clock import RealClock
from aws_local.states.describe import described
from aws_local.states.engine import Engine, Job, Standing
from aws_local.states.history import Event, shown
from aws_local.states.recorded import Start
from states_aws import ROLE, machine, task, waiting

from compiler import interpret
from compiler.interpreter.calls import Answer, Call, Failure

MACHINE = "arn:aws:states:ap-northeast-1:000000000000:stateMachine:m"


@dataclass
class Desk:
    """Where tasks arrive: each is answered by `does`, at once, where the test gives one; else it is left lying.

    `accepts`: requests that wait for a token are answered at once.
    """

    accepts: bool = True
    does: dict[str, Callable[[Call], Answer | Failure]] = field(default_factory=dict)
    calls: list[tuple[Call, Job]] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = Engine("ap-northeast-1:000000000000", 0.02, self.begin, self)
        self.engine.run()

    def begin(self, call: Call, start: Start, job: Job) -> None:
        self.calls.append((call, job))
        if job.ticket is not None:
            if self.accepts:
                job.accept({"taken": True})
        elif call.state in self.does:
            job.end(self.does[call.state](call))

    def status(self, standing: Standing) -> None:
        self.statuses.append(standing.status)

    def event(self, start: Start, redrives: int, event: Event) -> None:
        pass

    def start(self, definition: str, name: str = "e", given: str = "{}") -> Standing:
        start = Start(MACHINE, "m", name, given, ROLE, definition, interpret.read(definition), {})
        return self.engine.clock.ask(lambda: self.engine.start(start))

    def ended(self, standing: Standing, seconds: float = 10) -> Standing:
        end = time.monotonic() + seconds
        while standing.status == "RUNNING" or standing.stopped is None:
            assert time.monotonic() < end, standing.running.told
            time.sleep(0.005)
        return standing

    def arrived(self, count: int) -> Job:
        end = time.monotonic() + 10
        while len(self.calls) < count:
            assert time.monotonic() < end, self.calls
            time.sleep(0.005)
        return self.calls[count - 1][1]

    def token(self, count: int = 1) -> str:
        self.arrived(count)
        return str(self.calls[count - 1][0].context["Task"]["Token"])

    def ask(self, question: Callable[[], Any]) -> Any:
        return self.engine.clock.ask(question)


def told(standing: Standing) -> list[tuple[int, int, str, str]]:
    """(id, the one before, type, state)."""
    return [(each.id, each.before, each.type, each.state) for each in standing.running.told]


def test_the_clock_does_things_when_they_are_due_and_in_the_order_they_were_asked() -> None:
    clock, done, end = RealClock(), [], threading.Event()

    def late() -> None:
        done.append("late")
        end.set()

    clock.post(lambda: (clock.after(0.1, late), clock.after(0.05, lambda: done.append("soon"))))
    clock.post(lambda: done.append("first"))
    clock.post(lambda: done.append("second"))
    began = time.monotonic()
    threading.Thread(target=clock.run, args=(end.is_set,), daemon=True).start()
    assert clock.ask(lambda: "asked") == "asked"
    assert end.wait(5)
    assert done == ["first", "second", "soon", "late"]
    assert 0.09 < time.monotonic() - began < 1


def test_an_action_that_fails_is_told_to_who_asked_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    clock = RealClock()
    threading.Thread(target=clock.run, args=(lambda: False,), daemon=True).start()
    clock.post(lambda: [][1])
    with pytest.raises(KeyError):
        clock.ask(lambda: {}["nothing"])
    assert clock.ask(lambda: 7) == 7
    assert [record.message for record in caplog.records] == ["An action of the clock failed"]


def test_heartbeats_put_the_limit_off_and_silence_is_noticed() -> None:
    desk = Desk()
    standing = desk.start(machine("A", {"A": waiting("f", HeartbeatSeconds=1, TimeoutSeconds=30)}))
    token = desk.token()
    for _ in range(4):
        time.sleep(0.4)
        desk.ask(lambda: desk.engine.beat(token))
    heard = desk.engine.clock.now
    desk.ended(standing)
    assert (standing.status, standing.running.error) == ("FAILED", "States.HeartbeatTimeout")
    assert standing.stopped is not None and 0.9 < standing.stopped - heard < 1.5
    assert [each[2] for each in told(standing)] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskTimedOut",
        "ExecutionFailed",
    ]
    with pytest.raises(AwsError) as refused:
        desk.ask(lambda: desk.engine.beat(token))
    assert refused.value.code == "TaskTimedOut"


def test_a_task_is_given_up_after_its_time_whatever_it_says_later() -> None:
    desk = Desk()
    standing = desk.start(machine("A", {"A": task("f", TimeoutSeconds=1)}))
    job = desk.arrived(1)
    desk.ended(standing)
    assert (standing.status, standing.running.error) == ("FAILED", "States.Timeout")
    assert standing.stopped is not None and 1 <= standing.stopped - standing.started < 1.5
    job.end(Answer(1))
    assert [each[2] for each in told(standing)][-2:] == ["TaskTimedOut", "ExecutionFailed"]


def test_a_machine_is_given_up_after_its_time() -> None:
    desk = Desk()
    standing = desk.start(machine("A", {"A": waiting("f", TimeoutSeconds=30)}, TimeoutSeconds=1))
    token = desk.token()
    desk.ended(standing)
    assert standing.status == "TIMED_OUT"
    assert [each[2] for each in told(standing)][-3:] == ["TaskSubmitted", "TaskStateAborted", "ExecutionTimedOut"]
    assert desk.statuses == ["RUNNING", "TIMED_OUT"]
    with pytest.raises(AwsError) as refused:
        desk.ask(lambda: desk.engine.tell(token, Answer()))
    assert refused.value.code == "TaskTimedOut"


def test_what_is_told_before_the_request_was_answered_waits_for_that_answer() -> None:
    desk = Desk(accepts=False)
    standing = desk.start(machine("A", {"A": waiting("f")}))
    token = desk.token()
    desk.ask(lambda: desk.engine.tell(token, Answer({"rows": 3})))
    assert standing.status == "RUNNING"
    desk.calls[0][1].accept({"Tasks": []})
    desk.ended(standing)
    assert standing.running.root.output == {"rows": 3}
    assert [each[2] for each in told(standing)][4:6] == ["TaskSubmitted", "TaskSucceeded"]


def test_a_request_that_is_refused_is_a_submission_that_failed() -> None:
    desk = Desk()
    desk.engine._begin = lambda call, start, job: job.end(Failure("ECS.ServerException", "later"))
    standing = desk.ended(desk.start(machine("A", {"A": waiting("f")})))
    assert [each[2] for each in told(standing)][-2:] == ["TaskSubmitFailed", "ExecutionFailed"]


def test_a_redrive_goes_on_in_every_branch_that_did_not_succeed() -> None:
    """Events follow one another within a branch, across the redrive too."""
    desk = Desk()
    desk.does = {
        "Good": lambda call: Answer("good"),
        "Bad": lambda call: Failure("Broken", "no") if not call.context["Execution"]["RedriveCount"] else Answer("ok"),
    }
    branches = [
        {"StartAt": "Good", "States": {"Good": task("f")}},
        {"StartAt": "Bad", "States": {"Bad": task("f")}},
        {"StartAt": "Slow", "States": {"Slow": waiting("f")}},
    ]
    standing = desk.start(machine("P", {"P": {"Type": "Parallel", "Branches": branches, "End": True}}))
    desk.ended(standing)
    before = told(standing)
    assert before[:3] == [
        (1, 0, "ExecutionStarted", ""),
        (2, 1, "ParallelStateEntered", "P"),
        (3, 2, "ParallelStateStarted", "P"),
    ]
    assert [each[1] for each in before if each[2] == "TaskStateEntered"] == [3, 3, 3]
    failed = next(each for each in before if each[2] == "TaskFailed")
    assert before[-2:] == [
        (len(before) - 1, failed[0], "ParallelStateFailed", "P"),
        (len(before), len(before) - 1, "ExecutionFailed", ""),
    ]
    aborted = next(each for each in before if each[2] == "TaskStateAborted")
    assert aborted[3] == "Slow"
    old = desk.calls[2][0].context["Task"]["Token"]

    desk.ask(lambda: desk.engine.redrive(standing.start.arn, ""))
    token = desk.token(5)
    with pytest.raises(AwsError):
        desk.ask(lambda: desk.engine.tell(old, Answer("too late")))
    desk.ask(lambda: desk.engine.tell(token, Answer("slow")))
    desk.ended(standing)
    after = told(standing)[len(before) :]
    assert after[0] == (len(before) + 1, len(before), "ExecutionRedriven", "")
    assert {(each[3], each[1]) for each in after if each[2] == "TaskScheduled"} == {
        ("Bad", failed[0]),
        ("Slow", aborted[0]),
    }
    assert [call.state for call, _ in desk.calls] == ["Good", "Bad", "Slow", "Bad", "Slow"]
    assert standing.running.root.output == ["good", "ok", "slow"]
    assert desk.statuses == ["RUNNING", "FAILED", "RUNNING", "SUCCEEDED"]
    found = desk.ask(lambda: described(desk.engine, standing))
    assert (found["redriveCount"], found["redriveStatus"]) == (1, "NOT_REDRIVABLE")


def test_a_redrive_that_is_asked_for_twice_with_one_token_happens_once() -> None:
    desk = Desk(does={"A": lambda call: Failure("Broken")})
    standing = desk.ended(desk.start(machine("A", {"A": task("f")})))
    arn = standing.start.arn
    first = desk.ask(lambda: desk.engine.redrive(arn, "once").redriven)
    desk.ended(standing)
    assert desk.ask(lambda: desk.engine.redrive(arn, "once").redriven) == first
    assert standing.running.redrives == 1
    desk.ask(lambda: desk.engine.redrive(arn, "again"))
    desk.ended(standing)
    assert standing.running.redrives == 2


def test_waits_and_retries_are_scaled_and_limits_are_not() -> None:
    desk = Desk(does={"B": lambda call: Failure("Broken") if call.attempt < 2 else Answer()})
    retry = [{"ErrorEquals": ["Broken"], "IntervalSeconds": 10, "BackoffRate": 1.0}]
    states = {"A": {"Type": "Wait", "Seconds": 20, "Next": "B"}, "B": task("f", Retry=retry)}
    standing = desk.ended(desk.start(machine("A", states)))
    assert standing.status == "SUCCEEDED"
    assert standing.stopped is not None and 0.8 <= standing.stopped - standing.started < 1.5


def test_a_defect_of_the_interpreter_fails_the_execution() -> None:
    desk = Desk()

    def broken(call: Call, start: Start, job: Job) -> None:
        raise OSError("no threads left")

    desk.engine._begin = broken
    standing = desk.ended(desk.start(machine("A", {"A": task("f")})))
    assert (standing.status, standing.running.error) == ("FAILED", "States.Runtime")
    assert standing.running.cause == "the local interpreter failed: OSError('no threads left')"


def test_the_context_names_what_really_runs() -> None:
    desk = Desk(does={"A": lambda call: Answer(call.context)})
    standing = desk.ended(desk.start(machine("A", {"A": task("f")}), "monday", '{"x": 1}'))
    context = standing.running.root.output
    assert context["Execution"] | {"StartTime": ""} == {
        "Id": "arn:aws:states:ap-northeast-1:000000000000:execution:m:monday",
        "Input": {"x": 1},
        "Name": "monday",
        "RoleArn": ROLE,
        "StartTime": "",
        "RedriveCount": 0,
    }
    assert context["StateMachine"] == {"Id": MACHINE, "Name": "m"}


def test_an_event_without_its_data() -> None:
    desk = Desk(does={"A": lambda call: Answer("much")})
    standing = desk.ended(desk.start(machine("A", {"A": task("f")})))
    entered = shown(standing.running.told[1], 100.0, "ap-northeast-1", with_data=False)
    assert entered["stateEnteredEventDetails"] == {"name": "A", "inputDetails": {"truncated": False}}
    assert (entered["id"], entered["previousEventId"], entered["type"]) == (2, 1, "TaskStateEntered")
