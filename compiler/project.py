"""The files of a project, by the names of its modules. Read once, kept, never imported."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from compiler import imports


@dataclass(frozen=True)
class Module:
    """A module of the project; `file` is None for a folder without `__init__.py` (a namespace package).

    `folders` are where its own modules lie; empty where it is no package.
    """

    name: str
    file: Path | None
    folders: tuple[Path, ...] = ()

    @property
    def member(self) -> str:
        """Its name in the zip."""
        return self.name.replace(".", "/") + ("/__init__.py" if self.folders else ".py")

    @property
    def package(self) -> str:
        """The package that it is, or lies in; empty for a module that lies in no package."""
        return self.name if self.folders else self.name.rpartition(".")[0]


@dataclass(frozen=True)
class Project:
    """The folders that hold the project, in the order of the path. Files are read once and kept."""

    roots: tuple[Path, ...]
    _modules: dict[str, Module | None] = field(default_factory=dict, compare=False, repr=False)
    _sources: dict[str, imports.Source] = field(default_factory=dict, compare=False, repr=False)
    _bytes: dict[Path, bytes] = field(default_factory=dict, compare=False, repr=False)
    _names: dict[Path, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def module(self, name: str) -> Module | None:
        """The module of that name; the compiler's own, which goes into every zip, is found where it is installed."""
        if name not in self._modules:
            self._modules[name] = self._find(name)
        return self._modules[name]

    def source(self, module: Module) -> imports.Source:
        """Raises SyntaxError."""
        if module.name not in self._sources:
            text = self.read(module.file) if module.file else b""
            self._sources[module.name] = imports.read(text, module.name, bool(module.folders))
        return self._sources[module.name]

    def read(self, path: Path) -> bytes:
        if path not in self._bytes:
            data = path.read_bytes()
            self._bytes[path] = data.replace(b"\r\n", b"\n") if path.suffix == ".py" else data
        return self._bytes[path]

    def entry(self, folder: Path, name: str) -> Path | None:
        """What is called exactly `name` in `folder`, also where the file system takes A and a for one."""
        if folder not in self._names:
            self._names[folder] = frozenset(path.name for path in folder.iterdir()) if folder.is_dir() else frozenset()
        return folder / name if name in self._names[folder] else None

    def _find(self, name: str) -> Module | None:
        package, _, last = name.rpartition(".")
        if package:
            parent = self.module(package)
            folders = parent.folders if parent else ()
        else:
            folders = (Path(__file__).parent.parent,) if last == __package__ else self.roots
        namespaces = []
        for folder in folders:
            inside = self.entry(folder, last)
            if inside and inside.is_dir():
                if start := self.entry(inside, "__init__.py"):
                    return Module(name, start, (inside,))
                namespaces.append(inside)
            if (file := self.entry(folder, last + ".py")) and file.is_file():
                return Module(name, file)
        return Module(name, None, tuple(namespaces)) if namespaces else None


def roots(entries: Iterable[str], path: Iterable[str] | None = None) -> tuple[Path, ...]:
    """The folders of `path` (sys.path) outside the Python installation, then those that hold what `entries` run.

    The latter finds a project that is installed in place (editable) and therefore stands in no folder of the path.
    """
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    scripts = Path(sysconfig.get_path("scripts")).resolve()

    def ours(folder: Path) -> bool:
        return (
            folder.is_dir()
            and folder != scripts
            and not {"site-packages", "dist-packages"} & set(folder.parts)
            and not installed & {folder, *folder.parents}
        )

    found = [Path(each).resolve() for each in (sys.path if path is None else path)]
    for name in sorted({entry.partition(":")[0].partition(".")[0] for entry in entries}):
        spec = find_spec(name) if name.isidentifier() and name not in imports.STDLIB else None
        for place in (spec.submodule_search_locations or [spec.origin or ""]) if spec else []:
            found.append(Path(place).resolve().parent)
    return tuple(dict.fromkeys(folder for folder in found if ours(folder)))
