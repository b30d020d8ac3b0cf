"""What the options mean where they are not given: `[tool.dpc-compile]` of the nearest pyproject.toml.

    [tool.dpc-compile]
    definitions = "shop.definitions:defs"
    out = "infra/terraform/generated"
    dist = "build/dist"
    durations = "durations.json"
    prepare = "shop.dbt:parse_manifest"      called before the definitions are imported

Paths there are relative to that file.
"""

import argparse
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compiler.cli.arguments import STRATEGIES
from compiler.errors import UsageError

FIELDS = ("definitions", "out", "dist", "durations", "strategy", "prepare")


@dataclass(frozen=True)
class Settings:
    """Where everything is. `root` holds pyproject.toml, else it is the working folder."""

    root: Path
    definitions: str
    out: Path
    dist: Path
    durations: Path | None
    strategy: str
    prepare: str


def settings(options: argparse.Namespace, folder: Path) -> Settings:
    """Options first, then pyproject.toml of `folder` or above it, then the defaults.

    Raises UsageError for a file that cannot be read, an unknown field and an unknown strategy.
    """
    root, found = _declared(folder)

    def given(name: str, default: str) -> str:
        option = getattr(options, name, None)
        return str(option) if option is not None else found.get(name, default)

    def place(name: str, default: str) -> Path:
        option = getattr(options, name, None)
        return Path(option) if option is not None else _short(root / found.get(name, default), folder)

    strategy = given("strategy", STRATEGIES[0])
    if strategy not in STRATEGIES:
        raise UsageError(f"strategy: expected one of {', '.join(STRATEGIES)}, found {strategy!r}")
    durations = given("durations", "")
    return Settings(
        root=root,
        definitions=given("definitions", ""),
        out=place("out", "infra/terraform/generated"),
        dist=place("dist", "build/dist"),
        durations=place("durations", "") if durations else None,
        strategy=strategy,
        prepare=found.get("prepare", ""),
    )


def _declared(folder: Path) -> tuple[Path, dict[str, str]]:
    for root in (folder, *folder.parents):
        file = root / "pyproject.toml"
        if file.is_file():
            return root, _table(file)
    return folder, {}


def _table(file: Path) -> dict[str, str]:
    try:
        found: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    table = found.get("tool", {}).get("dpc-compile", {})
    wrong = [
        f"{file}: [tool.dpc-compile] {name}: "
        + (f"expected a text, found {value!r}" if name in FIELDS else f"unknown; known are {', '.join(FIELDS)}")
        for name, value in sorted(table.items())
        if name not in FIELDS or not isinstance(value, str)
    ]
    if wrong:
        raise UsageError("\n".join(wrong))
    return dict(table)


def _short(path: Path, folder: Path) -> Path:
    """As a person would type it from `folder`."""
    return path.relative_to(folder) if path.is_relative_to(folder) else path
