"""Small projects written into a folder, for tests of what their zips hold."""

from collections.abc import Mapping
from pathlib import Path

from compiler.graph import Asset, Function, Graph, LambdaStep, Machine, Unit
from compiler.project import Project


def project(root: Path, files: Mapping[str, str | bytes]) -> Project:
    """The project of `files` (path -> content) below `root`."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Project((root,))


def graph(*functions: Function, machine: Machine | None = None, **more: object) -> Graph:
    """One asset a function, none depending on another."""
    units = tuple(Unit(each.name, (each.name,), (LambdaStep(each),)) for each in functions)
    assets = tuple(Asset(unit.name, unit=unit.name) for unit in units)
    return Graph(machine or Machine("shop"), assets, units, **more)  # type: ignore[arg-type]
