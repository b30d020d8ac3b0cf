"""Compiled random pipelines: the same run in real time, with work in other threads, as in virtual time."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import Any

import pytest
from aws_local.states.engine import Engine, Job, Standing
from aws_local.states.history import Event, shown
from aws_local.states.recorded import Start
from random_graphs import PARTITION, random_graph
from states_aws import ROLE

from compiler import emit, fuse, interpret, lower, plan
from compiler.graph import Graph, StatementStep
from compiler.interpret import BEGAN, Answer, Call, Failure
from compiler.simulate_worker import Failing, SimulatedWorker
from dpc_assets.steps.failures import failures

MACHINE = "arn:aws:states:ap-northeast-1:000000000000:stateMachine:machine"


class Office:
    """Does each task in a thread of its own, as the simulation's worker says, at once."""

    def __init__(self, graph: Graph, failing: list[Failing]) -> None:
        self.worker = SimulatedWorker(graph, {}, failing, BEGAN)
        self.asking = threading.Lock()
        self.ended = threading.Event()
        self.engine = Engine("us-east-1:123456789012", 0.0, self.begin, self)
        self.engine.run()

    def begin(self, call: Call, start: Start, job: Job) -> None:
        threading.Thread(target=self.work, args=(call, job), daemon=True).start()

    def work(self, call: Call, job: Job) -> None:
        with self.asking:
            answer = self.worker(call)
        assert isinstance(answer, Answer | Failure)
        if job.ticket is None:
            job.end(answer)
        else:
            self.engine.clock.ask(lambda: self.engine.tell(call.context["Task"]["Token"], answer))
            job.accept(None)

    def status(self, standing: Standing) -> None:
        if standing.status != "RUNNING":
            self.ended.set()

    def event(self, start: Start, redrives: int, event: Event) -> None:
        pass


def graphs() -> list[int]:
    """Seeds of pipelines without statements of the Data API, which the interpreter keeps in virtual time."""
    found = []
    for seed in range(40):
        steps = [step for unit in random_graph(seed).units for step in unit.steps]
        if not any(isinstance(step, StatementStep) for step in steps):
            found.append(seed)
    return found[:8]


@pytest.mark.parametrize("seed", graphs())
@pytest.mark.parametrize("fails", [False, True])
def test_real_time_runs_what_virtual_time_runs(seed: int, fails: bool) -> None:
    graph = fuse.fuse(random_graph(seed))
    machine = emit.emit(lower.lower(graph, plan.plan(graph)))
    given: dict[str, Any] = {"partition": PARTITION} if graph.partitions else {}
    units = [unit.name for unit in graph.units if unit.on == "run"]
    failing = [Failing(units[len(units) // 2])] if fails and units else []

    expected = interpret.run(machine, given, SimulatedWorker(graph, {}, failing, BEGAN))
    if fails:
        expected = interpret.redrive(expected, SimulatedWorker(graph, {}, [], BEGAN))

    office = Office(graph, failing)
    start = Start(MACHINE, "machine", "execution", json.dumps(given), ROLE, machine, interpret.read(machine), {})
    standing = office.engine.clock.ask(lambda: office.engine.start(start))
    assert office.ended.wait(30)
    if fails:
        history = [shown(each, 0.0, "us-east-1") for each in standing.running.told]
        assert {each.state for each in failures(history)}, "the failed state is found"
        office.ended.clear()
        office.worker = SimulatedWorker(graph, {}, [], BEGAN)
        office.engine.clock.ask(lambda: office.engine.redrive(start.arn, ""))
        assert office.ended.wait(30)
    assert (standing.status, standing.running.root.output) == (expected.status, expected.output)
    counted = Counter((each.type, each.state) for each in standing.running.told)
    if not fails:  # which siblings a failure cuts off depends on who is faster
        assert counted == Counter((each.type, each.state) for each in expected.history)
