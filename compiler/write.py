"""The only writer: whole files, replaced at once, and only where they differ."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from compiler.errors import UsageError


@dataclass(frozen=True)
class Written:
    """What became of each file, sorted: new or changed, already as they should be, and removed."""

    written: tuple[Path, ...]
    unchanged: tuple[Path, ...]
    removed: tuple[Path, ...]


def write(files: Mapping[Path, bytes], stale: Iterable[Path] = ()) -> Written:
    """Writes `files` in the order given, then removes those of `stale` that are there and are not in `files`.

    A reader sees the old file or the new one, never a part; a file that is equal keeps its time. Mode 0644 whatever the
    umask. Raises UsageError where a folder or file cannot be written.
    """
    written: list[Path] = []
    unchanged: list[Path] = []
    removed: list[Path] = []
    for path, content in files.items():
        try:
            (written if _replaced(path, content) else unchanged).append(path)
        except OSError as error:
            raise UsageError(f"{path}: cannot be written ({error.strerror})") from error
    kept = {path.absolute() for path in files}
    for path in sorted(set(stale)):
        if path.absolute() not in kept and path.is_file():
            path.unlink()
            removed.append(path)
    return Written(tuple(sorted(written)), tuple(sorted(unchanged)), tuple(removed))


def _replaced(path: Path, content: bytes) -> bool:
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(21, "it is a folder", str(path))
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True
