"""A layer's zip from the wheels that its requirements name: downloaded under their hashes, unpacked below `python/`.

The only part of a build that needs a package index, so it is asked for by name. Wheels are those of Python 3.11 on
x86-64 Linux, which Lambda runs, whatever the machine that builds.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from compiler.errors import Problem, Refused, UsageError
from compiler.layer import Requirement
from compiler.pack import Zip, pack

FOLDER = "python/"
"""Lambda puts a layer's folder of this name on the path of Python."""
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64")
PYTHON = "3.11"

_UNPACKED = {"purelib", "platlib"}
"""Parts of a wheel's .data folder that belong among the modules; scripts, headers and data are left out."""


def layer_zip(name: str, requirements: Iterable[Requirement], options: Sequence[str] = ()) -> Zip:
    """The zip of layer `name`. `options` go to pip (another index, say).

    Raises UsageError where pip is missing, `Refused` with what pip says where a package cannot be had under its hashes
    (one that is needed and not listed included), and where two packages bring different files of one name.
    """
    if find_spec("pip") is None:
        raise UsageError("layers are built with pip, which this Python lacks: python -m ensurepip")
    with tempfile.TemporaryDirectory(prefix="dpc-layer-") as folder:
        place = Path(folder)
        listed = place / "requirements.txt"
        listed.write_text("".join(f"{each}\n" for each in requirements), encoding="utf-8")
        _download(name, listed, place, options)
        members: dict[str, bytes] = {}
        problems = []
        for wheel in sorted(place.glob("*.whl"), key=lambda path: path.name):
            for member, data in _members(wheel):
                if members.setdefault(member, data) != data:
                    problems.append(
                        Problem(
                            "layer",
                            f"layer {name}",
                            f"{wheel.name} brings another {member.removeprefix(FOLDER)} than a package before it",
                            "put the two packages into different layers",
                        )
                    )
        if problems:
            raise Refused(problems)
    return Zip(f"layer-{name}", pack(members), tuple(sorted(members)))


def _download(name: str, listed: Path, place: Path, options: Sequence[str]) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--require-hashes", "--only-binary=:all:", "--implementation=cp", f"--python-version={PYTHON}"]
    command += [f"--platform={platform}" for platform in PLATFORMS]
    command += [f"--dest={place}", f"--requirement={listed}", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        said = " ".join(line.removeprefix("ERROR: ") for line in lines).replace(str(place) + "/", "")
        reason = f"pip cannot fetch it for Python {PYTHON} on {PLATFORMS[0]}: {said[:2000]}"
        raise Refused([Problem("layer", f"layer {name}", reason, "mend the version, the hashes or the index")])


def _members(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """(name in the layer, bytes) of a wheel's files. (Binary distribution format, PyPA specifications.)"""
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            top, _, rest = info.filename.partition("/")
            if top.endswith(".data"):
                kind, _, rest = rest.partition("/")
                if kind in _UNPACKED and rest:
                    yield FOLDER + rest, archive.read(info)
            else:
                yield FOLDER + info.filename, archive.read(info)
