"""Graph and plan become states: what a unit needs, in the shapes of the States Language.

Every name derives from asset keys, so that inserting an asset renames the states of no other. Outputs are empty or
control data. Nothing is caught: a failure is left to fail, so that a redrive resumes at the asset that failed.
"""

from collections.abc import Mapping, Sequence

from compiler import functions
from compiler.graph import Check, ContainerStep, Function, Graph, LambdaStep, MapStep, Retry, StatementStep, Unit
from compiler.graph import Step as UnitStep
from compiler.states import (
    Choice,
    Json,
    Map,
    Parallel,
    Pass,
    Scope,
    State,
    StateMachine,
    Succeed,
    Task,
    expression,
    hole,
    state_name,
)
from compiler.tree import Parallel as ParallelTree
from compiler.tree import Plan, Series, Tree, tasks
from compiler.tree import Task as Leaf

INVOKE = "arn:aws:states:::lambda:invoke"
RUN_CONTAINER = "arn:aws:states:::ecs:runTask.waitForTaskToken"

PLAN_STATE = "Plan run"
FINISH_STATE = "Finish"

TRANSIENT = Retry(
    (
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    )
)
"""What Lambda itself may answer and a second call may not (Step Functions guide, Lambda service exceptions)."""

CLAIM = Retry(("ClaimUnreachable",))
"""What a function that holds the writer's claim raises when the claim can be neither read nor written."""

TRANSIENT_CONTAINER = Retry(
    ("ECS.AmazonECSException", "ECS.ServerException", "ECS.ThrottlingException", "States.HeartbeatTimeout"),
    interval_s=30,
    attempts=3,
    cap_s=300,
)

WRITER_WAIT_S = 60
INVOKE_MARGIN_S = 10
"""Seconds that a task state waits longer than its function may run, so that the function's own error is seen."""

CONTEXT = expression("$states.context")
PLAN = expression("$plan")


def lower(graph: Graph, plan: Plan) -> StateMachine:
    """The machine of one run: resolve the selection, run what is selected in the plan's order, finish."""
    machine = graph.machine
    finish: State = (
        invoke(FINISH_STATE, machine.finish, graph, {"plan": PLAN, "selected": expression("$selected")})
        if machine.finish
        else Succeed(FINISH_STATE)
    )
    states = [*_tree(graph, plan.tree, FINISH_STATE), finish]
    return StateMachine(
        machine.name,
        f"Compiled from {len(graph.assets)} Dagster assets by dpc-compile; do not edit.",
        machine.timeout_s,
        Scope((_plan_run(graph, states[0].name), *states)),
    )


def invoke(
    name: str,
    function: Function,
    graph: Graph,
    payload: Mapping[str, Json],
    *,
    retry: Retry | None = None,
    output: Mapping[str, Json] | None = None,
    next_: str | None = None,
) -> Task:
    """A call of a Lambda function with the execution's context and `payload`."""
    claims = function.writes or functions.is_plan(function)
    return Task(
        name=name,
        resource=INVOKE,
        arguments={
            "FunctionName": hole(functions.hole(function.name)),
            "Payload": {"context": CONTEXT, **payload},
        },
        timeout_s=function.timeout_s + INVOKE_MARGIN_S,
        retry=_retries(TRANSIENT, CLAIM if graph.machine.claim and claims else None, graph.machine.retry, retry),
        output=output or {},
        next=next_,
    )


def _retries(first: Retry, *others: Retry | None) -> tuple[Retry, ...]:
    """The retries in order, those of equal figures put together; an error name counts where it stands first."""
    found: list[Retry] = []
    for retry in (first, *(other for other in others if other)):
        known = {error for each in found for error in each.errors}
        errors = tuple(error for error in retry.errors if error not in known)
        figures = (retry.interval_s, retry.attempts, retry.backoff, retry.cap_s, retry.jitter)
        for place, each in enumerate(found):
            if (each.interval_s, each.attempts, each.backoff, each.cap_s, each.jitter) == figures:
                found[place] = Retry((*each.errors, *errors), *figures)
                break
        else:
            if errors:
                found.append(Retry(errors, *figures))
    return tuple(found)


def _plan_run(graph: Graph, next_: str) -> Task:
    """The first state: input checked, claim taken, selection resolved once into variables."""
    wait_s = graph.machine.schedule.wait_s if graph.machine.schedule else WRITER_WAIT_S * 360
    waiting = Retry(("WriterBusyWaiting",), WRITER_WAIT_S, max(1, wait_s // WRITER_WAIT_S), 1.0, WRITER_WAIT_S, False)
    task = invoke(PLAN_STATE, functions.plan_function(graph.machine), graph, {}, retry=waiting, next_=next_)
    answers = ("plan", "selected", "words")
    assign = {name: expression(f"$states.result.Payload.{name}") for name in answers}
    return Task(
        task.name, task.resource, task.arguments, task.timeout_s, retry=task.retry, assign=assign, next=task.next
    )


def _tree(graph: Graph, tree: Tree | None, next_: str | None) -> list[State]:
    """The states of a tree in the order in which they run; the last of them go on to `next_`."""
    match tree:
        case None:
            return []
        case Leaf(name):
            return unit_states(graph, graph.unit[name], next_)
        case Series(items):
            states: list[State] = []
            for item in reversed(items):
                before = _tree(graph, item, next_)
                states = [*before, *states]
                next_ = before[0].name
            return states
        case ParallelTree(items):
            branches = tuple(Scope(tuple(_tree(graph, item, None))) for item in items)
            return [Parallel(parallel_name(items), branches, next_)]


def parallel_name(items: Sequence[Tree]) -> str:
    """The smallest unit of each of the first two branches: no other Parallel is the closest that holds both."""
    return state_name(" | ".join(min(tasks(item)) for item in items[:2]))


def unit_states(graph: Graph, unit: Unit, next_: str | None) -> list[State]:
    """Whether it is selected, then its steps and checks, or the state that says it was passed over."""
    first, passed = state_name(f"{unit.name}?"), state_name(unit.name, "passed over")
    work = work_states(graph, unit, next_)
    return [
        Choice(first, _selected(unit), then=work[0].name, otherwise=passed),
        Pass(passed, next_),
        *work,
    ]


def work_states(graph: Graph, unit: Unit, next_: str | None) -> list[State]:
    """The states of a unit's steps, then of its checks; the last goes on to `next_`."""
    states: list[State] = []
    alone = len(unit.steps) == 1
    for check in sorted(unit.checks, key=lambda check: (check.asset, check.name), reverse=True):
        if check.function:
            states = [_check(graph, check, check.function, next_), *states]
            next_ = states[0].name
    for step in reversed(unit.steps):
        states = [*_step(graph, unit, step, next_, alone=alone), *states]
        next_ = states[0].name
    return states


def _selected(unit: Unit) -> str:
    if _container(unit) and len(unit.keys) > 1:
        return f"$exists($lookup($words, {quoted(unit.name)}))"
    if unit.subset and len(unit.keys) > 1:
        return f"$count({_chosen(unit)}) > 0"
    return f"{quoted(unit.keys[0])} in $selected"


def _chosen(unit: Unit) -> str:
    return f"$selected[$ in [{', '.join(quoted(key) for key in unit.keys)}]]"


def quoted(text: str) -> str:
    """A text as a JSONata string."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _container(unit: Unit) -> ContainerStep | None:
    return next((step for step in unit.steps if isinstance(step, ContainerStep)), None)


def _payload(unit: Unit) -> dict[str, Json]:
    if unit.subset and len(unit.keys) > 1:
        return {"plan": PLAN, "assets": expression(f"[{_chosen(unit)}]")}
    return {"plan": PLAN}


def _step(graph: Graph, unit: Unit, step: UnitStep, next_: str | None, *, alone: bool) -> list[State]:
    match step:
        case LambdaStep(function):
            name = unit.name if alone else f"{unit.name}: {_short(graph, function)}"
            return [invoke(state_name(name), function, graph, _payload(unit), retry=unit.retry, next_=next_)]
        case MapStep():
            return _map(graph, unit, step, next_, unit.name if alone else f"{unit.name}: {_short(graph, step.each)}")
        case StatementStep():
            return [_statement(graph, unit, step, next_, alone=alone)]
        case ContainerStep():
            return [_run_container(graph, unit, step, next_, alone=alone)]


def _short(graph: Graph, function: Function) -> str:
    return function.name.removeprefix(graph.machine.prefix)


def _map(graph: Graph, unit: Unit, step: MapStep, next_: str | None, name: str) -> list[State]:
    """What there is to do, then one call an item; the list is control data, and nothing comes out."""
    each = state_name(name, "each")
    items = expression("$states.result.Payload.items")
    one = {**_payload(unit), "item": expression("$states.input")}
    return [
        invoke(
            state_name(name, "items"),
            step.items,
            graph,
            _payload(unit),
            retry=unit.retry,
            output={"items": items},
            next_=each,
        ),
        Map(
            each,
            expression("$states.input.items"),
            step.concurrency,
            Scope((invoke(state_name(name, "item"), step.each, graph, one, retry=unit.retry),)),
            next=next_,
        ),
    ]


def _statement(graph: Graph, unit: Unit, step: StatementStep, next_: str | None, *, alone: bool) -> Task:
    """One state: the function submits under a token of execution, state and redrive, and asks; running is retried.

    A statement that failed makes the task fail, so that a redrive submits it again under another token.
    """
    function = functions.statement_function(graph.machine)
    polls = Retry(("StatementRunning",), step.poll_s, max(1, step.timeout_s // step.poll_s), 1.0, step.poll_s, False)
    sql: Json = list(step.sql)
    statement: Json = {"sql": sql, "workgroup": step.workgroup, "database": step.database}
    name = state_name(unit.name if alone else f"{unit.name}: statement")
    task = invoke(name, function, graph, {"plan": PLAN, "statement": statement}, retry=polls, next_=next_)
    others = _retries(task.retry[0], *task.retry[1:], unit.retry)
    return Task(task.name, task.resource, task.arguments, task.timeout_s, retry=others, next=next_)


def _run_container(graph: Graph, unit: Unit, step: ContainerStep, next_: str | None, *, alone: bool) -> Task:
    """A Fargate task that answers by token, and is given up when its heartbeat stops."""
    words = (
        expression(f"$lookup($words, {quoted(unit.name)})")
        if len(unit.keys) > 1
        else " ".join(word for _, word in step.words)
    )
    told: dict[str, Json] = {
        "TASK_TOKEN": expression("$states.context.Task.Token"),
        "EXECUTION": expression("$states.context.Execution.Id"),
        "UNIT": unit.name,
        "WORDS": words,
        "PARTITION": expression("$plan.partition ? $plan.partition : ''"),
        "REDRIVE": expression("'' & $states.context.Execution.RedriveCount"),
        "HEARTBEAT_S": str(step.heartbeat_s),
        **dict(sorted(step.env)),
    }
    return Task(
        name=state_name(unit.name if alone else f"{unit.name}: {step.container}"),
        resource=RUN_CONTAINER,
        arguments={
            "Cluster": step.cluster,
            "TaskDefinition": step.task_definition,
            "LaunchType": "FARGATE",
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {
                    "Subnets": _split(step.subnets),
                    "SecurityGroups": _split(step.security_groups),
                    "AssignPublicIp": "ENABLED" if step.assign_public_ip else "DISABLED",
                }
            },
            "Overrides": {
                "ContainerOverrides": [
                    {
                        "Name": step.container,
                        "Environment": [{"Name": name, "Value": value} for name, value in told.items()],
                    }
                ]
            },
        },
        timeout_s=step.timeout_s,
        heartbeat_s=step.heartbeat_s,
        retry=_retries(TRANSIENT_CONTAINER, graph.machine.retry, unit.retry),
        next=next_,
    )


def _split(text: str) -> str:
    """A list from one string of ids separated by commas: a hole stands for text, never for JSON."""
    return expression(f"$split({quoted(text)}, ',')")


def _check(graph: Graph, check: Check, function: Function, next_: str | None) -> Task:
    payload: dict[str, Json] = {"plan": PLAN, "check": check.name, "blocking": check.blocking}
    return invoke(state_name(check.asset, "check", check.name), function, graph, payload, next_=next_)
