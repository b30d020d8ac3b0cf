"""Third-party packages that Lambda functions need, as layers: exact versions, hashes written down.

A layer is declared as a requirements text (`name==version --hash=sha256:...`, as `pip-compile --generate-hashes` and
`uv export` write it) or as the name of a file that holds one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from compiler.errors import Problem, Refused
from compiler.graph import Graph

_NAME = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(|[=<>!~@].*)", re.DOTALL)
_VERSION = re.compile(r"===?\s*([A-Za-z0-9][A-Za-z0-9.!+_-]*)\Z")
_HASH = re.compile(r"--hash[= ]\s*(\S+)")
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}\Z")


@dataclass(frozen=True, order=True)
class Requirement:
    """One pinned package; `name` is normalised (lower case, `-`), `marker` what stands after `;`."""

    name: str
    version: str
    hashes: tuple[str, ...]
    marker: str = ""

    def __str__(self) -> str:
        marker = f" ; {self.marker}" if self.marker else ""
        return f"{self.name}=={self.version}{marker}" + "".join(f" --hash={each}" for each in self.hashes)


def requirements(name: str, declared: str, root: Path | None = None) -> tuple[Requirement, ...]:
    """The requirements of layer `name`, sorted. `declared` is their text, or a file's path below `root`.

    Raises `Refused` with every line that pip would not take under `--require-hashes`.
    """
    text, where = _text(name, declared, root)
    problems: list[Problem] = []
    found: dict[str, Requirement] = {}
    for number, line in _lines(text):
        place = f"{where}:{number}"
        one = _parse(line)
        if isinstance(one, str):
            problems.append(Problem("layer", place, one, _HINT))
        elif found.setdefault(one.name, one) != one:
            problems.append(Problem("layer", place, f"{one.name} is required twice, differently", _HINT))
    if not found and not problems:
        problems.append(Problem("layer", where, "names no package", _HINT))
    if problems:
        raise Refused(problems)
    return tuple(found[key] for key in sorted(found))


def read(graph: Graph, root: Path) -> Graph:
    """The graph with the text of each layer's requirements in place of a file's name, one sorted line a package.

    Raises `Refused` with everything that is wrong in any of them.
    """
    found: list[tuple[str, str]] = []
    problems: list[Problem] = []
    for name, declared in graph.layers:
        try:
            found.append((name, "".join(f"{each}\n" for each in requirements(name, declared, root))))
        except Refused as error:
            problems += error.problems
    if problems:
        raise Refused(problems)
    return replace(graph, layers=tuple(found))


_HINT = "each line is name==version --hash=sha256:...; `uv pip compile --generate-hashes` writes such a file"


def modules(graph: Graph, layers: Collection[str]) -> frozenset[str]:
    """Top-level modules that `layers` of the graph give; `*` where one is not of our making (an ARN or a hole).

    A package's modules are known where it is installed beside the compiler; else they are taken to be called like it.
    """
    declared = dict(graph.layers)
    found: set[str] = set()
    for layer in layers:
        if layer not in declared:
            found.add("*")
            continue
        for each in requirements(layer, declared[layer]):
            found |= _modules_of(each.name)
    return frozenset(found)


@cache
def _installed() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for module, names in packages_distributions().items():
        for name in names:
            found.setdefault(_normal(name), set()).add(module)
    return {name: frozenset(each) for name, each in found.items()}


def _modules_of(name: str) -> frozenset[str]:
    return _installed().get(name, frozenset()) | {name.replace("-", "_")}


def _text(name: str, declared: str, root: Path | None) -> tuple[str, str]:
    if "==" in declared or "\n" in declared:
        return declared, f"layer {name}"
    path = (root or Path()) / declared
    try:
        return path.read_text(encoding="utf-8"), declared
    except OSError as error:
        reason = f"requirements {declared!r} cannot be read ({error.strerror})"
        raise Refused([Problem("layer", f"layer {name}", reason, "the path is relative to the project")]) from error


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """(number of its first line, logical line): continued lines joined, comments and empty lines left out."""
    number, joined = 0, ""
    for here, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*", "", raw).rstrip()
        number = number or here
        joined += line.removesuffix("\\") + " "
        if line.endswith("\\"):
            continue
        if joined.strip():
            yield number, joined.strip()
        number, joined = 0, ""
    if joined.strip():
        yield number, joined.strip()


def _parse(line: str) -> Requirement | str:
    """The requirement, or what is wrong with the line."""
    hashes = tuple(sorted(set(_HASH.findall(line))))
    bare, _, marker = _HASH.sub("", line).partition(";")
    bare = bare.strip()
    matched = _NAME.fullmatch(bare)
    if matched is None:
        return f"expected a package, found {(bare.split() or [line])[0]}"
    version = _VERSION.fullmatch(matched[2].strip())
    if version is None:
        return f"{matched[1]} has no exact version"
    if not hashes:
        return f"{matched[1]}=={version[1]} has no hash"
    if wrong := [each for each in hashes if not _SHA256.fullmatch(each)]:
        return f"{matched[1]}=={version[1]}: expected --hash=sha256: and 64 hexadecimal digits, found {wrong[0]}"
    return Requirement(_normal(matched[1]), version[1], hashes, " ".join(marker.split()))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
