"""A picture of the machine: nested series and parallel from left to right, groups in colours, the critical path marked.

`scene` says what is to be seen, `picture_layout` where, `picture_svg` and `picture_page` write it.
"""

from compiler.graph import ContainerStep, Graph, LambdaStep, MapStep, StatementStep, Step, Unit
from compiler.picture_page import page
from compiler.picture_scene import SEVERAL, Node, Scene, Wait
from compiler.picture_svg import drawing
from compiler.tree import Plan


def svg(scene: Scene) -> str:
    """The picture as a standalone SVG document."""
    return drawing(scene)


def html(scene: Scene) -> str:
    """The picture as a page that needs nothing else: selection, search, zoom, light and dark."""
    return page(scene)


def scene(graph: Graph, plan: Plan, title: str = "") -> Scene:
    """What is to be seen of a graph and the plan of its units."""
    return Scene(
        title=title or graph.machine.name,
        nodes={unit.name: _node(graph, unit) for unit in graph.units},
        edges=tuple(sorted(graph.edges)),
        tree=plan.tree,
        waits=tuple(sorted(Wait(each.before, each.after, each.delay_s) for each in plan.added if each.delay_s > 0)),
        added=len(plan.added),
        critical=plan.critical_path,
        makespan_s=plan.makespan_s,
        critical_path_s=plan.critical_path_s,
    )


def _node(graph: Graph, unit: Unit) -> Node:
    assets = [graph.asset[key] for key in unit.keys if key in graph.asset]
    groups = sorted({asset.group for asset in assets})
    return Node(
        name=unit.name,
        group=groups[0] if len(groups) == 1 else SEVERAL if groups else "default",
        duration_s=unit.duration_s,
        kind=" → ".join(dict.fromkeys(_kind(step) for step in unit.steps)) or "nothing",
        assets=unit.keys,
        select=unit.keys[0] if unit.keys else unit.name,
    )


def _kind(step: Step) -> str:
    match step:
        case LambdaStep():
            return "Lambda"
        case MapStep():
            return "map"
        case StatementStep():
            return "SQL"
        case ContainerStep():
            return "container"


__all__ = ["html", "scene", "svg"]
