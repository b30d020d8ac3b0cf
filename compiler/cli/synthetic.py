"""A graph file as if each node were one Lambda function: what its machine would look like, take and cost."""

from compiler.cli.graph_file import GivenGraph
from compiler.graph import Asset, Function, Graph, LambdaStep, Machine, Unit


def as_lambdas(given: GivenGraph, name: str) -> Graph:
    """The graph whose units are the nodes. Edges must name nodes."""
    needs: dict[str, list[str]] = {key: [] for key in given.duration_s}
    for before, after in sorted(set(given.edges)):
        needs[after].append(before)
    return Graph(
        machine=Machine(name),
        assets=tuple(
            Asset(key, tuple(needs[key]), unit=key, group=given.group[key] or "default") for key in sorted(needs)
        ),
        units=tuple(Unit(key, (key,), (_step(),), duration_s=given.duration_s[key]) for key in sorted(needs)),
    )


def _step() -> LambdaStep:
    return LambdaStep(Function(name="step", run="step:run", timeout_s=900))
