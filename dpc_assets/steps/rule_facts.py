"""Placeholders of the rules' SQL: facts of the record layouts, rendered from the registry, and repeated expressions.

Every rendered text is Redshift's dialect and holds no backslash. Lists are effective-dated: join them with
`submission_yyyymm between valid_from and valid_to`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from dpc_assets.formats.registry import Layout, Payload, layouts
from dpc_assets.steps.cp932 import first_unusual
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.run import Run, compact

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)(?:\(([^{}]*)\))?\}")
_PARTIAL_DATES = {"birth_date", "previous_discharge_date", "previous_same_disease_discharge_date"}
_PROVENANCE = "submission_yyyymm, submission_facility, submission_version, file_name, line_no"
_LEAP = "[1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00"
_CALENDAR = (
    "^([1-9][0-9]{3}((0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])|(0[469]|11)(0[1-9]|[12][0-9]|30)|02(0[1-9]|1[0-9]|2[0-8]))"
    f"|({_LEAP})0229)$"
)
"""A day YYYYMMDD of the calendar, years 1000 to 9999."""
_FF1_KEY = "patient_data_id, admission_date, same_day_stay_number, record_summary_number"


def literal(text: str) -> str:
    """A text as an SQL literal; a backslash, which engines read differently, becomes a slash."""
    return "'" + text.replace("\\", "/").replace("'", "''") + "'"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """A constant table as a subquery. The first row names and types the columns: Redshift leaves bare texts untyped."""

    def typed(index: int, name: str) -> str:
        value = rows[0][index]
        if isinstance(value, int):
            return f"{value} as {name}"
        width = max(len(str(row[index]).encode()) for row in rows)
        return f"cast({literal(value)} as varchar({width})) as {name}"

    head = ", ".join(typed(index, name) for index, name in enumerate(columns))
    rest = [", ".join(str(each) if isinstance(each, int) else literal(each) for each in row) for row in rows[1:]]
    return "(select " + "\n  union all select ".join((head, *rest)) + ")"


def _span(layout: Layout) -> tuple[str, str]:
    return compact(layout.valid_from), compact(layout.valid_to) or "999912"


def _mask(payloads: Sequence[Payload], width: int) -> str:
    """One letter a payload number: `-` blank or undefined, `d` date, `p` date with unknown parts, `x` other."""
    letters = ["-"] * width
    for each in payloads:
        if each.required == "must be blank":
            continue
        partial = "p" if each.name in _PARTIAL_DATES else "d"
        letters[each.number - 1] = partial if each.kind == "date8" else "x"
    return "".join(letters)


def _codes(file_type: str, width: int) -> str:
    rows = []
    for layout in layouts():
        if layout.file_type != file_type:
            continue
        by_code: dict[str, list[Payload]] = {}
        for payload in layout.payloads:
            by_code.setdefault(payload.code, []).append(payload)
        for code, payloads in sorted(by_code.items()):
            head = payloads[0]
            mandatory = int(head.record_required == "always")
            parent_only = int(head.record_condition.startswith("parent only"))
            mask = _mask(payloads, width)
            rows.append((*_span(layout), code, head.version, head.max_sequence, mandatory, parent_only, mask))
    columns = ("valid_from", "valid_to", "code", "version", "max_sequence", "mandatory", "parent_only", "fields")
    return _table(columns, rows)


def _categories() -> str:
    rows = []
    for layout in layouts():
        for each in layout.fields:
            if each.name == "data_category":
                listed = each.codes.split(";")[0].split(",")
                rows += [(layout.file_type, *_span(layout), code.strip()) for code in listed]
    return _table(("file_type", "valid_from", "valid_to", "code"), rows)


def _listed(months: Sequence[str]) -> str:
    return ", ".join(literal(compact(month)) for month in months)


def _not_a_date(column: str) -> str:
    """True where the text is no day of the calendar; NULL where it is NULL."""
    return f"({column} !~ '{_CALENDAR}')"


def _as_date(column: str) -> str:
    """The text YYYYMMDD as DATE; NULL where it is no day. On Redshift the guard has to stand inside the cast."""
    parts = " || '-' || ".join(f"substring({column}, {start}, {length})" for start, length in ((1, 4), (5, 2), (7, 2)))
    return f"cast(case when {column} ~ '{_CALENDAR}' then {parts} end as date)"


def _day(column: str) -> str:
    return f"coalesce(to_char({column}, 'YYYY-MM-DD'), '?')"


def _stay(alias: str) -> str:
    return f"'patient ' || coalesce({alias}.patient_data_id, '?') || ' admitted ' || {_day(alias + '.admission_date')}"


def _record(alias: str) -> str:
    """A stay and which of its FF1 records: 0 parent, 1.. child, A or B merged series."""
    return (
        f"{_stay(alias)} || case when coalesce({alias}.same_day_stay_number, '0') = '0' then '' else ' same-day ' || "
        f"{alias}.same_day_stay_number end || case when coalesce({alias}.record_summary_number, '0') = '0' then '' "
        f"else ' record ' || {alias}.record_summary_number end"
    )


def _number(column: str) -> str:
    return f"cast(case when {column} ~ '^-?[0-9]{{1,9}}$' then {column} end as integer)"


def _ff1(code: str, where: str) -> str:
    payloads = ", ".join(f"payload_{n}" for n in range(1, 10))
    return (
        f"(select {_PROVENANCE}, {_FF1_KEY}, payload_version, payload_sequence, {payloads} "
        f"from stage.stg_ff1 where payload_code = {literal(code)}{where})"
    )


def _same_record(pair: str) -> str:
    """Equality of the FF1 record: month, facility and the five key columns."""
    left, right = (each.strip() for each in pair.split(","))
    keys = f"submission_yyyymm, submission_facility, {_FF1_KEY}".split(", ")
    return " and ".join(f"{left}.{key} = {right}.{key}" for key in keys)


def _same_stay(pair: str) -> str:
    """Equality of facility, patient and admission: what joins FF1, FF4, EFn, Dn, Hn and Kn over months."""
    left, right = (each.strip() for each in pair.split(","))
    keys = ("submission_facility", "patient_data_id", "admission_date")
    return " and ".join(f"{left}.{key} = {right}.{key}" for key in keys)


@cache
def _unusual_characters() -> str:
    """Gaiji and vendors' characters of cp932 (spec p182) as one literal, as the verdict's W10 knows them."""
    surrogates = range(0xD800, 0xE000)
    return literal("".join(chr(n) for n in range(128, 0x10000) if n not in surrogates and first_unusual(chr(n)) == 0))


_LOADED = (
    "(select submission_yyyymm, submission_facility, file_type from raw.loads "
    "where status in ('loaded', 'warned') and version is not null)"
)

PLACEHOLDERS: dict[str, Callable[[Sequence[str], str], str]] = {
    "months": lambda months, _: _listed(months),
    "loaded": lambda months, _: _LOADED,
    "stay": lambda months, alias: _stay(alias),
    "record": lambda months, alias: _record(alias),
    "day": lambda months, column: _day(column),
    "number": lambda months, column: _number(column),
    "not_a_date": lambda months, column: _not_a_date(column),
    "as_date": lambda months, column: _as_date(column),
    "ff1": lambda months, code: _ff1(code, f" and submission_yyyymm in ({_listed(months)})"),
    "ff1_of_all_months": lambda months, code: _ff1(code, ""),
    "same_record": lambda months, pair: _same_record(pair),
    "same_stay": lambda months, pair: _same_stay(pair),
    "ff1_codes": lambda months, _: _codes("FF1", 9),
    "hn_codes": lambda months, _: _codes("Hn", 20),
    "categories": lambda months, _: _categories(),
    "unusual_characters": lambda months, _: _unusual_characters(),
}
"""Name -> text for (months as `2025-04`, argument). Written `{name}` or `{name(argument)}`."""


def unknown(sql: str) -> list[str]:
    """Names between braces that are no placeholder, sorted."""
    return sorted({found[1] for found in _PLACEHOLDER.finditer(sql)} - set(PLACEHOLDERS))


def render(sql: str, months: Sequence[str]) -> str:
    """The SQL with its placeholders filled in; raises InputError for a month that is none, or no month at all."""
    if not months:
        raise InputError("quality rules: expected at least one month to judge, found none")
    Run(run_id="render", months=tuple(months))
    return _PLACEHOLDER.sub(lambda found: PLACEHOLDERS[found[1]](months, found[2] or ""), sql)
