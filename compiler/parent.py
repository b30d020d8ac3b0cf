"""The parent machine, where the pipeline names a step that finds work: one child execution at a time.

A child that fails does not stop the next. Units that are declared to run on the schedule follow the loop, whatever came
of it; the first of them that fails ends them. When all has ended, the parent fails naming what did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from compiler.graph import ContainerStep, Graph, Retry, Unit
from compiler.lower import CLAIM, WRITER_WAIT_S, invoke, quoted, work_states
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

CAUSE_LENGTH = 2000
"""Characters that are kept of what a unit failed with: its error is caught, so nothing else of the end tells it."""


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
    """The states of a unit that runs after the loop: nothing is selected there, so nothing is asked.

    What fails is added to the children that failed, and the end tells them together.
    """
    order = in_order(graph, "schedule")
    place = order.index(unit)
    next_ = ALL_RAN if place + 1 == len(order) else work_states(graph, order[place + 1], None)[0].name
    said = f"{quoted(unit.name + ' ')} & $states.errorOutput.Error & ': ' & "
    said += f"$substring($states.errorOutput.Cause, 0, {CAUSE_LENGTH})"
    catch = Catch(ALL_RAN, {}, {"failed": expression(f"[$failed, {said}]")})
    return [_caught(_waiting(state, graph), catch) for state in work_states(graph, unit, next_)]


def _caught(state: State, catch: Catch) -> State:
    return replace(state, catch=catch) if isinstance(state, Task | Map) else state


def _waiting(state: State, graph: Graph) -> State:
    """What takes the writer's claim waits for another writer as long as the children do, and does not fail at once."""
    if isinstance(state, Map):
        each = tuple(_waiting(inner, graph) for inner in state.each.states)
        return replace(state, each=Scope(each))
    claims = isinstance(state, Task) and any(set(CLAIM.errors) <= set(retry.errors) for retry in state.retry)
    if not isinstance(state, Task) or not claims or graph.machine.schedule is None:
        return state
    attempts = max(1, graph.machine.schedule.wait_s // WRITER_WAIT_S)
    return replace(
        state, retry=(*state.retry, Retry(("WriterBusy",), WRITER_WAIT_S, attempts, 1.0, WRITER_WAIT_S, False))
    )


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
