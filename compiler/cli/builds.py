"""Where a build to compare comes from: a folder, a manifest.json, or a git revision."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compiler.build import MANIFEST
from compiler.diff import Snapshot
from compiler.errors import UsageError
from compiler.manifest import MACHINE_SUFFIX as SUFFIX
from compiler.snapshot import snapshot


def read_build(name: str, out: Path) -> Snapshot:
    """The build that `name` says; `out` is where a revision has its generated files. Raises UsageError."""
    path = Path(name)
    if path.is_dir():
        return read_folder(path)
    if path.is_file():
        if path.name != MANIFEST and path.suffix != ".json":
            raise UsageError(f"{name}: expected a folder of generated files, a {MANIFEST} or a git revision")
        return _read(path, path.parent)
    return _revision(name, out)


def read_folder(folder: Path) -> Snapshot:
    """The build in a folder of generated files."""
    file = folder / MANIFEST
    if not file.is_file():
        raise UsageError(f"{folder}: there is no {MANIFEST}; `dpc-compile build` writes it")
    return _read(file, folder)


def _read(manifest: Path, folder: Path) -> Snapshot:
    texts = {manifest.name: _text(manifest)}
    texts |= {file.name: _text(file) for file in sorted(folder.glob("*" + SUFFIX))}
    return _snapshot(texts, manifest.name, str(folder))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read ({getattr(error, 'strerror', None) or error})") from error


def _revision(name: str, out: Path) -> Snapshot:
    folder = "./" + out.as_posix().rstrip("/") if not out.is_absolute() else _below_here(out)
    listed = _git(name, "ls-tree", "--name-only", name, folder + "/")
    files = [file for file in listed.splitlines() if file.endswith((f"/{MANIFEST}", SUFFIX)) or file == MANIFEST]
    texts = {Path(file).name: _git(name, "show", f"{name}:./{file}") for file in files}
    if MANIFEST not in texts:
        raise UsageError(f"{name}: at that revision there is no {folder.removeprefix('./')}/{MANIFEST}")
    return _snapshot(texts, MANIFEST, name)


def _below_here(out: Path) -> str:
    try:
        return "./" + out.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError as error:
        raise UsageError(f"{out}: to read a git revision, --out has to be below the working folder") from error


def _git(name: str, *words: str) -> str:
    if name.startswith("-"):
        raise UsageError(f"{name}: neither a file, nor a folder, nor a git revision")
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, encoding="utf-8", check=False)
    except OSError as error:
        raise UsageError(f"{name}: no such file or folder, and git cannot be run ({error.strerror})") from error
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["git failed"])[0]
        raise UsageError(f"{name}: neither a file or folder nor a git revision here ({said})")
    return done.stdout


def _snapshot(texts: Mapping[str, str], manifest: str, where: str) -> Snapshot:
    parsed: dict[str, Any] = {}
    for file, text in texts.items():
        try:
            parsed[file] = json.loads(text)
        except json.JSONDecodeError as error:
            raise UsageError(f"{where}: {file}: line {error.lineno}, column {error.colno}: not JSON") from error
    machines = {file.removesuffix(SUFFIX): value for file, value in parsed.items() if file != manifest}
    found = parsed[manifest]
    try:
        return snapshot(found, machines)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UsageError(f"{where}: {manifest} is not a manifest of dpc-compile (missing or wrong: {error})") from error
