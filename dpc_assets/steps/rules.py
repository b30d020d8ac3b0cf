"""The quality rules: one SQL file a rule under `rules/`, read into frozen `Rule`s and rendered for months.

A file is a TOML header in leading `-- ` lines, the SELECT of the failing rows, and for a rate a line `-- total`
followed by the SELECT of its denominators:

    -- id = "W02"
    -- severity = "WARNING"            CRITICAL holds the export of its month; WARNING and INFO are only shown
    -- target = "stage/stg_ff1"        the asset that is judged
    -- needs = ["FF1"]                 types that must be loaded in the month, else the rule is not applicable
    -- reads = "month"                 "all": the outcome of a month also depends on other loaded months
    -- kind = "rate"                   rows: fails when failing rows > threshold; rate: when failing / total > threshold
    -- threshold = 0.02
    -- minimum_total = 20              a rate over fewer is not applicable
    -- title_ja, title_en              what is expected, as a short name
    -- message_ja, message_en          expected, found, what to do; may hold {failed}, {total}, {rate}, {threshold}
    -- source = "spec p76"             page of the survey specification
    -- note = "..."                    choices made, and which month is judged where it is not the submission month
    select facility_code, yyyymm, key, file_name, line_no ...

SQL is Redshift's dialect. `{months}` and the other placeholders are those of `rule_facts.PLACEHOLDERS`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from dpc_assets.formats.registry import FILE_TYPES
from dpc_assets.steps import rule_facts
from dpc_assets.steps.errors import InputError

SEVERITIES = ("CRITICAL", "WARNING", "INFO")
"""Worst first."""

ROW_COLUMNS = ("facility_code", "yyyymm", "key", "file_name", "line_no")
"""What a rule's SELECT answers, in this order; file_name and line_no are NULL where there is no one line."""

TOTAL_COLUMNS = ("facility_code", "yyyymm", "total")

_ID = re.compile(r"[A-Z][0-9]{2}[A-Z]?")
_TARGET = re.compile(r"(raw|stage|mart|ref)/[a-z0-9_]+")
_TEXTS = ("title_ja", "title_en", "message_ja", "message_en", "source")
_KNOWN = {"id", "severity", "target", "needs", "reads", "kind", "threshold", "minimum_total", "note", *_TEXTS}
_SEPARATOR = "-- total"


@dataclass(frozen=True)
class Rule:
    """One rule. `body` and `total` are SQL with placeholders; `total` is None for a rule of kind `rows`."""

    id: str
    severity: str
    target: str
    needs: tuple[str, ...]
    reads: str
    kind: str
    threshold: float
    minimum_total: int
    title_ja: str
    title_en: str
    message_ja: str
    message_en: str
    source: str
    note: str
    body: str
    total: str | None

    def failing(self, months: Sequence[str]) -> str:
        """The SELECT of failing rows of these months (`2025-04`), with the columns ROW_COLUMNS."""
        return rule_facts.render(self.body, months)

    def totals(self, months: Sequence[str]) -> str | None:
        """The SELECT of the denominators (TOTAL_COLUMNS), None for a rule of kind `rows`."""
        return None if self.total is None else rule_facts.render(self.total, months)


def _split(text: str) -> tuple[str, str, str | None]:
    """(header TOML, body, total or None)."""
    lines = text.splitlines()
    end = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    header = "\n".join(line[2:].removeprefix(" ") for line in lines[:end])
    rest = lines[end:]
    cut = rest.index(_SEPARATOR) if _SEPARATOR in rest else None
    body = "\n".join(rest[:cut]).strip()
    return header, body, None if cut is None else "\n".join(rest[cut + 1 :]).strip()


def _problems(name: str, head: dict[str, Any], body: str, total: str | None) -> list[str]:
    found = []

    def expect(held: bool, what: str) -> None:
        if not held:
            found.append(f"rules/{name}: expected {what}")

    rule_id = head.get("id", "")
    expect(set(head) <= _KNOWN, f"only the header keys {sorted(_KNOWN)}, found also {sorted(set(head) - _KNOWN)}")
    expect(bool(_ID.fullmatch(str(rule_id))), f"id such as X05 or X12B, found {rule_id!r}")
    expect(name == f"{rule_id}.sql", f"the file to be named after its id, found id {rule_id!r}")
    expect(head.get("severity") in SEVERITIES, f"severity in {SEVERITIES}, found {head.get('severity')!r}")
    expect(
        bool(_TARGET.fullmatch(str(head.get("target", "")))),
        f"target such as stage/stg_efn, found {head.get('target')!r}",
    )
    needs = head.get("needs", [])
    expect(isinstance(needs, list) and set(needs) <= set(FILE_TYPES), f"needs out of {FILE_TYPES}, found {needs!r}")
    expect(head.get("reads", "month") in ("month", "all"), f'reads "month" or "all", found {head.get("reads")!r}')
    kind = head.get("kind", "rows")
    expect(kind in ("rows", "rate"), f'kind "rows" or "rate", found {kind!r}')
    expect(isinstance(head.get("threshold", 0), int | float), f"a number as threshold, found {head.get('threshold')!r}")
    expect(
        (kind == "rate") == (total is not None),
        f"a second SELECT after a line '{_SEPARATOR}' exactly where kind is rate",
    )
    for key in _TEXTS:
        expect(isinstance(head.get(key), str) and bool(head[key].strip()), f"a text {key}")
    for sql in (body, total):
        if sql is not None:
            expect(sql.lower().startswith(("select", "with")), "a SELECT")
            unknown = rule_facts.unknown(sql)
            expect(not unknown, f"placeholders out of {sorted(rule_facts.PLACEHOLDERS)}, found {unknown}")
    return found


def read_rules(folder: Traversable) -> tuple[Rule, ...]:
    """Every `*.sql` of the folder, in the order of the ids; raises InputError listing all problems of all files."""
    found: list[Rule] = []
    problems: list[str] = []
    for file in sorted((each for each in folder.iterdir() if each.name.endswith(".sql")), key=lambda each: each.name):
        header, body, total = _split(file.read_text(encoding="utf-8"))
        try:
            head = tomllib.loads(header)
        except tomllib.TOMLDecodeError as error:
            problems.append(f"rules/{file.name}: expected TOML in the leading comment lines: {error}")
            continue
        wrong = _problems(file.name, head, body, total)
        problems += wrong
        if not wrong:
            found.append(
                Rule(
                    id=head["id"],
                    severity=head["severity"],
                    target=head["target"],
                    needs=tuple(head.get("needs", ())),
                    reads=head.get("reads", "month"),
                    kind=head.get("kind", "rows"),
                    threshold=float(head.get("threshold", 0)),
                    minimum_total=int(head.get("minimum_total", 0)),
                    title_ja=head["title_ja"],
                    title_en=head["title_en"],
                    message_ja=head["message_ja"],
                    message_en=head["message_en"],
                    source=head["source"],
                    note=head.get("note", ""),
                    body=body,
                    total=total,
                )
            )
    if problems:
        raise InputError("\n".join(problems))
    return tuple(found)


@cache
def catalog() -> tuple[Rule, ...]:
    """The project's own rules, in the order of their ids: what the checks of `dq/results_checks` are made from."""
    return read_rules(files("dpc_assets.steps") / "rules")
