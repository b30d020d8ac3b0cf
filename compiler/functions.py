"""Every Lambda function that a graph needs, each once, and the hole that stands for its ARN in the machine."""

from collections.abc import Iterator

from compiler.errors import Problem, Refused
from compiler.graph import Function, Graph, LambdaStep, Machine, MapStep, StatementStep

PLAN_ENTRY = "compiler.runtime.plan_run:handler"
PLAN_TIMEOUT_S = 60
STATEMENT_ENTRY = "compiler.runtime.statement:handler"


def hole(name: str) -> str:
    """What stands for the ARN of a function, to be written `${...}`: dpc-copy-raw -> lambda_dpc_copy_raw."""
    return "lambda_" + name.replace("-", "_")


def plan_function(machine: Machine) -> Function:
    """The function of the machine's first state: it checks the input, takes the claim and resolves the selection."""
    return Function(
        name=machine.prefix + "plan", run=PLAN_ENTRY, memory_mb=machine.plan_memory_mb, timeout_s=PLAN_TIMEOUT_S
    )


def statement_function(machine: Machine) -> Function:
    """The function behind every statement state: it submits to the Data API, asks, and raises while it runs."""
    return Function(name=machine.prefix + "statement", run=STATEMENT_ENTRY, memory_mb=256, timeout_s=60)


def is_plan(function: Function) -> bool:
    return function.run == PLAN_ENTRY


def functions(graph: Graph) -> tuple[Function, ...]:
    """The distinct functions of the graph, sorted by name. Raises `Refused` where two would share a name or a hole."""
    found: dict[str, Function] = {}
    problems = []
    for where, function in sorted(used(graph), key=lambda each: (each[1].name, each[0])):
        taken = found.setdefault(hole(function.name), function)
        if taken != function:
            problems.append(
                Problem(
                    "functions",
                    where,
                    f"function {function.name} ({function.run}) differs from function {taken.name} ({taken.run}), "
                    "which has the same name or the same hole",
                    'give one of the two another name: {"lambda": {"name": "..."}}',
                )
            )
    if problems:
        raise Refused(problems)
    return tuple(sorted(found.values(), key=lambda function: function.name))


def used(graph: Graph) -> Iterator[tuple[str, Function]]:
    """(who asks for it, function), with repeats."""
    machine = graph.machine
    yield "the first state", plan_function(machine)
    if machine.finish:
        yield "finish", machine.finish
    for beside in machine.functions:
        yield f"functions: {beside.name}", beside
    if machine.schedule:
        yield "schedule", machine.schedule.find_work
    for unit in graph.units:
        for step in unit.steps:
            if isinstance(step, LambdaStep):
                yield unit.name, step.function
            elif isinstance(step, MapStep):
                yield unit.name, step.items
                yield unit.name, step.each
            elif isinstance(step, StatementStep):
                yield unit.name, statement_function(machine)
        for check in unit.checks:
            if check.function:
                yield unit.name, check.function
