"""Tables and messages on the terminal. Colours and live progress only where a person looks; results go to stdout."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

Lang = str

_FILE_WIDTH = 160
"""Columns of a table that is not printed on a terminal."""


def default_lang(environment: Mapping[str, str] = os.environ) -> Lang:
    """`ja` where the locale is Japanese, else `en`."""
    locale = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "ja" if locale.startswith("ja") else "en"


def pick(lang: Lang, ja: str, en: str) -> str:
    return ja if lang == "ja" else en


def out(file_width: int = _FILE_WIDTH) -> Console:
    """Results; `file_width` in columns, where no person looks."""
    width = None if sys.stdout.isatty() else file_width
    return Console(file=sys.stdout, width=width, highlight=False, soft_wrap=True, emoji=False, markup=False)


def err() -> Console:
    """Progress and problems."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=True, emoji=False, markup=False)


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    numbers: Sequence[int] = (),
    header: bool = True,
) -> Table:
    """A table whose columns `numbers` are set to the right."""
    made = Table(
        title=Text(title) if title else None,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        show_header=header,
        box=box.SIMPLE_HEAD,
        collapse_padding=True,
        pad_edge=False,
    )
    for position, name in enumerate(columns):
        right = position in numbers
        made.add_column(Text(name), justify="right" if right else "left", overflow="fold", no_wrap=right)
    for row in rows:
        made.add_row(*(value if isinstance(value, Text) else Text(cell(value)) for value in row))
    return made


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


STYLES = {
    "missing": "red",
    "rejected": "bold red",
    "warned": "yellow",
    "loaded": "green",
    "CRITICAL": "bold red",
    "WARNING": "yellow",
    "INFO": "cyan",
}


def styled(word: str) -> Text:
    """A status or severity in its colour."""
    return Text(word, style=STYLES.get(word, ""))
