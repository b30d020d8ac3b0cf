"""The parent machine, where the pipeline names a step that finds work: one child execution at a time.

A child that fails does not stop the next; when all have ended, the parent fails naming those that did. Units that are
declared to run on the schedule follow the loop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from compiler.graph import ContainerStep, Graph, Unit
from compiler.lower import invoke, work_states
from compiler.states import (
    Catch,
    Choice,
    Fail,
    Json,
    Map,
    Pass,
    Scope,
    State,
    StateMachine,
    Succeed,
    Task,
    expression,
    hole,
)

START_CHILD = "arn:aws:states:::states:startExecution.sync:2"

FIND_STATE, RUN_STATE, FAILED_STATE, EACH_STATE = "Find work", "Run", "Run failed", "Run each"
ALL_RAN, DONE, SOME_FAILED = "All ran?", "Done", "Some runs failed"


def machine_hole(name: str) -> str:
    """What stands for the ARN of a machine, to be written `${...}`: dpc-learning-elt -> machine_dpc_learning_elt."""
    return "machine_" + name.replace("-", "_")


def parent(graph: Graph) -> StateMachine | None:
    """The machine that finds work and starts the other one; None where no schedule is declared."""
    schedule = graph.machine.schedule
    if schedule is None:
        return None
    after = [work for unit in in_order(graph, "schedule") for work in _on_schedule(graph, unit)]
    find = invoke(
        FIND_STATE,
        schedule.find_work,
        graph,
        {},
        output={"items": expression("$states.result.Payload.items")},
        next_=EACH_STATE,
    )
    if after:
        find = replace(find, assign=_everything(in_order(graph, "schedule")))
    states: list[State] = [
        find,
        Map(
            EACH_STATE,
            expression("$states.input.items"),
            1,
            Scope((_child(graph, schedule.wait_s), Pass(FAILED_STATE))),
            assign={"failed": expression("[$states.result.failed]")},
            next=after[0].name if after else ALL_RAN,
        ),
        *after,
        Choice(ALL_RAN, "$count($failed) = 0", then=DONE, otherwise=SOME_FAILED),
        Succeed(DONE),
        Fail(SOME_FAILED, "RunsFailed", expression("'failed: ' & $join($failed, ', ')")),
    ]
    return StateMachine(
        schedule.machine,
        f"Starts {graph.machine.name} for what is new, one execution at a time; do not edit.",
        (graph.machine.timeout_s + schedule.wait_s) * 31,
        Scope(tuple(states)),
    )


def _everything(units: Sequence[Unit]) -> Mapping[str, Json]:
    """What the other machine's first state answers, where nothing is left out and no partition is asked for."""
    steps = [(unit.name, step) for unit in units for step in unit.steps if isinstance(step, ContainerStep)]
    plan: Json = {"partition": None, "select": None, "full": True}
    words: Json = {name: " ".join(word for _, word in step.words) for name, step in steps}
    return {"plan": plan, "selected": [key for unit in units for key in unit.keys], "words": words}


def _child(graph: Graph, wait_s: int) -> Task:
    started_by = "'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID': $states.context.Execution.Id"
    return Task(
        name=RUN_STATE,
        resource=START_CHILD,
        arguments={
            "StateMachineArn": hole(machine_hole(graph.machine.name)),
            "Input": expression(f"$merge([$states.input, {{'wait': true, {started_by}}}])"),
        },
        timeout_s=graph.machine.timeout_s + wait_s,
        catch=Catch(FAILED_STATE, {"failed": expression("$string($states.input) & ' ' & $states.errorOutput.Error")}),
    )


def _on_schedule(graph: Graph, unit: Unit) -> Sequence[State]:
    """The states of a unit that runs after the loop: nothing is selected there, so nothing is asked."""
    order = in_order(graph, "schedule")
    place = order.index(unit)
    next_ = ALL_RAN if place + 1 == len(order) else work_states(graph, order[place + 1], None)[0].name
    return work_states(graph, unit, next_)


def in_order(graph: Graph, on: str) -> list[Unit]:
    """The units of one machine in an order that its edges allow, ties by name."""
    waiting = [unit for unit in graph.units if unit.on == on]
    names = {unit.name for unit in waiting}
    parents = {name: {before for before, after in graph.edges if after == name and before in names} for name in names}
    order: list[Unit] = []
    placed: set[str] = set()
    while waiting:
        ready = [unit for unit in waiting if parents[unit.name] <= placed]
        order += ready
        placed |= {unit.name for unit in ready}
        waiting = [unit for unit in waiting if unit.name not in placed]
    return order


def without_schedule(graph: Graph) -> Graph:
    """The graph of the machine itself: units that run in the parent are left out, their assets are outside."""
    units = tuple(unit for unit in graph.units if unit.on == "run")
    kept = {unit.name for unit in units}
    assets = tuple(asset if asset.unit in kept else replace(asset, unit="") for asset in graph.assets)
    return replace(graph, units=units, assets=assets)
