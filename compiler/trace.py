"""The import closure of entry points: which files of the project one Lambda function needs, and no more.

Imports are followed from the text alone, wherever they stand in a module, except under `if TYPE_CHECKING` and
`if __name__ == "__main__"`. They are looked for below the roots (the folders of the path that hold the project), never
among installed packages; the standard library of Python 3.11 and what Lambda gives (boto3) are not followed. A module
brings the data that lies in its package folder when a string of its code names it. Python text is taken with LF line
ends, so that a checkout with CRLF gives the same bytes; data is taken as it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from compiler import imports
from compiler.errors import Problem
from compiler.project import Module, Project

GIVEN = frozenset({"boto3", "botocore"})
"""Top-level modules that every Python function in Lambda has."""


@dataclass(frozen=True)
class Missing:
    """A module that the zip would lack: asked for at `line` of `file` (its name in the zip), reached by `chain`."""

    module: str
    file: str
    line: int
    chain: tuple[str, ...]


@dataclass(frozen=True)
class Closure:
    """`members`: name in the zip -> bytes, sorted. `outside`: modules that a layer gives, by their full names."""

    members: Mapping[str, bytes]
    outside: tuple[str, ...]
    missing: tuple[Missing, ...]
    problems: tuple[Problem, ...]


def closure(
    project: Project, entries: Iterable[str], *, layers: Collection[str] = (), data: Iterable[str] = ()
) -> Closure:
    """What `entries` (module names) need. `layers`: top-level modules that layers give, `*` for any.

    `data`: files or folders, relative to the folder of the first entry or to the root that it lies in.
    """
    asked = tuple(entries)
    found: dict[str, Module] = {}
    came: dict[str, str] = {}
    missing: list[Missing] = []
    outside: set[str] = set()
    problems: list[Problem] = []
    waiting = deque(asked)
    while waiting:
        name = waiting.popleft()
        if name in found:
            continue
        module = project.module(name)
        if module is None:
            problems.append(Problem("trace", name, f"no such module in {_listed(project.roots)}", _ENTRY_HINT))
            continue
        found[name] = module
        for parent in _parents(name):
            came.setdefault(parent, name)
            waiting.append(parent)
        try:
            source = project.source(module)
        except SyntaxError as error:
            where = f"{module.member}:{error.lineno}"
            problems.append(Problem("trace", where, f"Python 3.11 cannot read it: {error.msg}", "mend the file"))
            continue
        for each in source.imports:
            for target in _targets(project, each):
                if project.module(target) is None or _stdlib(target):
                    problems += _shadowed(project, target, module, each.line)
                    if not _known(target, layers) and not each.optional:
                        missing.append(Missing(target, module.member, each.line, (*_chain(name, came), target)))
                    elif target.partition(".")[0] in layers or ("*" in layers and not _given(target)):
                        outside.add(target)
                else:
                    came.setdefault(target, name)
                    waiting.append(target)
    members = dict(_code(project, found, outside))
    for name in sorted(found):
        members |= _named_data(project, found[name], found)
    for name in data:
        more = _declared_data(project, asked[0], name)
        members |= more
        if not more:
            problems.append(
                Problem(
                    "trace",
                    asked[0],
                    f"data {name!r} is no file or folder beside the module or in {_listed(project.roots)}",
                    "paths are relative to the module's folder, or to the folder of the path that it is in",
                )
            )
    ordered = {name: members[name] for name in sorted(members)}
    return Closure(ordered, tuple(sorted(outside)), tuple(missing), tuple(problems))


_ENTRY_HINT = "run dpc-compile in the project's folder, or install the project in place (pip install --editable .)"


def _listed(folders: Iterable[Path]) -> str:
    return ", ".join(map(str, folders)) or "no folder of the path"


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]


def _chain(name: str, came: Mapping[str, str]) -> tuple[str, ...]:
    chain = [name]
    while chain[0] in came and came[chain[0]] not in chain:
        chain.insert(0, came[chain[0]])
    return tuple(chain)


def _targets(project: Project, each: imports.Import) -> list[str]:
    """The modules that one import runs: the one it names, and those of its names that are modules."""
    if project.module(each.module) is None or _stdlib(each.module):
        return [each.module]
    module = project.module(each.module)
    names = set(each.names)
    if module and "*" in names and module.folders:
        names |= set(project.source(module).exports)
    below = [f"{each.module}.{name}" for name in sorted(names - {"*"})]
    found = [name for name in below if project.module(name)]
    if module and module.file is None and each.names:
        return [each.module, *below]
    return [each.module, *found]


def _stdlib(name: str) -> bool:
    return name.partition(".")[0] in imports.STDLIB


def _given(name: str) -> bool:
    return _stdlib(name) or name.partition(".")[0] in GIVEN


def _known(name: str, layers: Collection[str]) -> bool:
    return _given(name) or "*" in layers or name.partition(".")[0] in layers


def _shadowed(project: Project, name: str, by: Module, line: int) -> list[Problem]:
    top = name.partition(".")[0]
    own = project.module(top) if _stdlib(top) else None
    if own is None or own.file is None:
        return []
    return [
        Problem(
            "trace",
            f"{by.member}:{line}",
            f"imports {top}, which is both {own.member} of the project and a module of the standard library",
            "which of the two is imported depends on the order of the path: rename the file",
        )
    ]


def _code(project: Project, found: Mapping[str, Module], outside: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """The modules. A namespace package gets an empty `__init__.py`, without which it cannot be imported from a zip,
    unless a layer holds another part of it."""
    for name, module in found.items():
        if module.file:
            yield module.member, project.read(module.file)
        elif not any(other.startswith(name + ".") for other in outside):
            yield module.member, b""


def _named_data(project: Project, module: Module, found: Mapping[str, Module]) -> dict[str, bytes]:
    """Data that a module's strings name: in its own package, in those that it imports or names as a holder of
    resources, and in the packages above where the code climbs."""
    if module.file is None:
        return {}
    try:
        source = project.source(module)
    except SyntaxError:
        return {}
    packages = {module.package}
    packages |= {target for each in source.imports for target in _targets(project, each) if target in found}
    if source.climbs:
        packages |= set(_parents(module.package))
    members: dict[str, bytes] = {}
    for package in packages:
        holder = project.module(package) if package else Module("", None, (module.file.parent,))
        for folder in holder.folders if holder else ():
            for text in source.strings:
                members |= _data(project, folder, package, text, whole=not package)
    return members


def _data(project: Project, folder: Path, package: str, text: str, *, whole: bool) -> dict[str, bytes]:
    """The file that `text` names in `folder`, or else the folder that it leads into; with `whole` only a file."""
    parts = text.removesuffix("/").split("/")
    if any(not part or part.startswith(".") for part in parts):
        return {}
    place = folder
    for part in parts:
        inside = project.entry(place, part)
        if inside is None:
            break
        place = inside
    prefix = package.replace(".", "/") + "/" if package else ""
    if place.is_file():
        name = prefix + place.relative_to(folder).as_posix()
        return {name: project.read(place)} if _is_data(place) and place == folder.joinpath(*parts) else {}
    if place == folder or whole:
        return {}
    files = [path for path in _files(place) if not _hidden(path.relative_to(place))]
    if any(path.suffix == ".py" for path in files):
        return {}
    return {prefix + path.relative_to(folder).as_posix(): project.read(path) for path in files}


def _declared_data(project: Project, entry: str, name: str) -> dict[str, bytes]:
    module = project.module(entry)
    if module is None or module.file is None or not name.strip("/") or ".." in Path(name).parts or name.startswith("/"):
        return {}
    depth = len(Path(module.member).parts)
    root = module.file.parents[depth - 1]
    for folder in (module.file.parent, root):
        place = folder / name
        if place.is_file():
            return {place.relative_to(root).as_posix(): project.read(place)}
        if place.is_dir():
            files = [path for path in _files(place) if not _hidden(path.relative_to(place))]
            return {path.relative_to(root).as_posix(): project.read(path) for path in files}
    return {}


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        elif path.is_file():
            yield path


def _is_data(path: Path) -> bool:
    return path.suffix not in (".py", ".pyi", ".pyc", ".pyo", ".so", ".pyd")


def _hidden(path: Path) -> bool:
    """What tools and editors leave in folders: it differs from machine to machine and belongs to nobody's data."""
    names = path.parts
    return "__pycache__" in names or any(name.startswith(".") for name in names) or path.name.endswith(("~", ".pyc"))
