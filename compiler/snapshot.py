"""A build as `diff` looks at it: what the manifest and the machines say, without what follows from something else."""

from collections.abc import Iterator, Mapping
from typing import Any

from compiler.diff import Snapshot
from compiler.graph import DEFAULT_DURATION_S

FOLLOWS = {
    "functions": ("assets", "hole", "source_code_hash", "size"),
    "figures": ("critical_path_s", "makespan_s", "notes", "units"),
}
"""Fields of the manifest that are left out, because another field says the same or says it better."""


def snapshot(manifest: Mapping[str, Any], machines: Mapping[str, Any]) -> Snapshot:
    """`machines`: ASL by machine name. Raises KeyError, TypeError and their like for what is no manifest."""
    graph, plan = manifest["graph"], manifest["plan"]
    return Snapshot(
        machine={**graph["machine"], "machines": sorted(manifest["machines"]), "schedule": manifest["schedule"]}
        | ({"partitions": graph["partitions"]} if "partitions" in graph else {}),
        assets=dict(graph["assets"].items()),
        units={name: {"duration_s": DEFAULT_DURATION_S, **unit} for name, unit in graph["units"].items()},
        plan=plan["tree"],
        machines=dict(machines.items()),
        functions={name: _without(each, FOLLOWS["functions"]) for name, each in manifest["functions"].items()},
        layers=dict(manifest["layers"].items()),
        permissions={
            role["name"]: {
                text: condition for each in role["policy"]["Statement"] for text, condition in _permitted(each)
            }
            for role in manifest["roles"].values()
        },
        figures={
            "makespan_s": plan["makespan_s"],
            "critical_path_s": plan["critical_path_s"],
            **_without(manifest["estimate"] or {}, FOLLOWS["figures"]),
        },
    )


def _without(fields: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def _permitted(statement: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """`action on resource` for each pair, with the condition as its only fact."""
    condition = {"condition": statement["Condition"]} if "Condition" in statement else {}
    for action in _several(statement["Action"]):
        for resource in _several(statement["Resource"]):
            yield f"{action} on {resource}", condition


def _several(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
