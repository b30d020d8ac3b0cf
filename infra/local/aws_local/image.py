"""The image of the dbt task as a folder: what infra/image/Dockerfile copies and sets, so that a file which the image
lacks is lacking here too. What it installs is the Python environment of the project; nothing is pulled or built.

docs.docker.com/reference/dockerfile/: COPY, ENV, ENTRYPOINT and WORKDIR; of the rest nothing shows in a process.
"""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Image:
    """A Dockerfile. `copies`: (sources below the context, place in the image)."""

    copies: tuple[tuple[tuple[str, ...], str], ...]
    environ: Mapping[str, str]
    entrypoint: tuple[str, ...]
    workdir: str


@dataclass(frozen=True)
class Container:
    """What a process of the image is started with, on this machine."""

    command: tuple[str, ...]
    environ: Mapping[str, str]
    cwd: Path


def read(text: str) -> Image:
    """Raises ValueError for a COPY that takes from elsewhere than the context."""
    copies: list[tuple[tuple[str, ...], str]] = []
    environ: dict[str, str] = {}
    entrypoint: tuple[str, ...] = ()
    workdir = "/"
    for name, rest in _instructions(text):
        match name:
            case "COPY":
                *sources, place = shlex.split(rest)
                if any(each.startswith("--") for each in sources):
                    raise ValueError(f"COPY {rest}: only files of the project are copied on this laptop")
                copies.append((tuple(sources), place))
            case "ENV":
                environ.update(dict(each.split("=", 1) for each in shlex.split(rest)))
            case "ENTRYPOINT":
                entrypoint = tuple(json.loads(rest))
            case "WORKDIR":
                workdir = rest
    return Image(tuple(copies), environ, entrypoint, workdir)


def unpack(image: Image, context: Path, root: Path) -> None:
    """Copies what the image holds to below `root`."""
    for sources, place in image.copies:
        for source in sources:
            found, to = context / source, root / place.lstrip("/")
            if found.is_dir():
                shutil.copytree(found, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
                continue
            to = to / found.name if place.endswith("/") or len(sources) > 1 else to
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, to)


def placed(image: Image, root: Path, work: Path, python: Path) -> Container:
    """The image unpacked at `root`, `python` for its Python, `work` for its working directory."""

    def here(path: str) -> str:
        if path == image.workdir or path.startswith(f"{image.workdir.rstrip('/')}/"):
            return str(work / path.removeprefix(image.workdir).lstrip("/"))
        below = root / path.lstrip("/")
        return str(below) if path.startswith("/") and below.exists() else path

    environ = {name: ":".join(map(here, value.split(":"))) for name, value in image.environ.items()}
    command = tuple(str(python) if each in ("python", "python3") else here(each) for each in image.entrypoint)
    return Container(command, environ, work)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """(name, what follows), continued lines joined and comments left out."""
    kept = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    for line in "\n".join(kept).replace("\\\n", " ").splitlines():
        name, _, rest = line.strip().partition(" ")
        yield name.upper(), rest.strip()
