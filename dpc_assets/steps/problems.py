"""Everything a submission can be told: the rules of its verdict, with severity, text and what to do.

Rules F01..F07 and W10 are those of the survey's checks (spec: checks, FATAL and WARN); M, K and N are ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LISTED = 100
"""Problems listed for one file; further ones are only counted."""

SEVERITIES = ("FATAL", "ERROR", "WARNING", "INFO")
"""Worst first. FATAL rejects the version."""


@dataclass(frozen=True)
class Rule:
    """One rule of the verdict. `todo`: what the sender does about it."""

    severity: str
    message_en: str
    message_ja: str
    todo: str


@dataclass(frozen=True)
class Problem:
    """One finding. `line` is the physical line from 1, `column` the position from 1, `field` its English name.

    Values of patients never stand in a problem: `found` counts, names codes of facilities or describes.
    """

    rule: str
    severity: str
    file: str
    line: int | None
    column: int | None
    field: str | None
    expected: str
    found: str
    message_ja: str
    message_en: str
    hint: str

    @property
    def fatal(self) -> bool:
        return self.severity == "FATAL"


_RESEND = "Correct the file and submit the whole delivery again as the next version."

RULES = {
    "M01": Rule(
        "FATAL",
        "the manifest is missing or is not JSON in UTF-8",
        "マニフェストがないか、UTF-8のJSONではありません",
        "Submit the folder with `dpc submit`, which writes _manifest.json last.",
    ),
    "M02": Rule(
        "FATAL",
        "the manifest breaks the schema dpc-manifest/1",
        "マニフェストが様式 dpc-manifest/1 に合いません",
        "Correct the manifest entry, or let `dpc submit` write it.",
    ),
    "M03": Rule(
        "FATAL",
        "a file of the manifest is not in the folder",
        "マニフェストに書かれたファイルがフォルダにありません",
        "Upload the missing file, or submit again without it.",
    ),
    "M04": Rule(
        "FATAL",
        "the folder holds a file that the manifest does not list",
        "マニフェストにないファイルがフォルダにあります",
        "Remove the file, or submit again with it in the manifest.",
    ),
    "M05": Rule(
        "FATAL",
        "the file's size differs from the manifest",
        "ファイルの大きさがマニフェストと違います",
        "The file changed or its upload broke off: submit the delivery again.",
    ),
    "M06": Rule(
        "FATAL",
        "the file's SHA-256 differs from the manifest",
        "ファイルのSHA-256がマニフェストと違います",
        "The file changed after the manifest was made: submit the delivery again.",
    ),
    "M07": Rule(
        "FATAL",
        "the number of data lines differs from the manifest",
        "データ行の数がマニフェストと違います",
        "Count data lines without a header line, or let `dpc submit` write the manifest.",
    ),
    "M08": Rule(
        "FATAL",
        "a required file type is not in the delivery",
        "必須のファイル（様式1、入院EF統合）が提出されていません",
        "Submit FF1 and EFn together; the other types are optional.",
    ),
    "M09": Rule(
        "FATAL",
        "the manifest disagrees with the folder it lies in",
        "マニフェストとフォルダ（施設・年月・版）が一致しません",
        "Put the delivery into the folder of its facility, month and version.",
    ),
    "M10": Rule(
        "FATAL",
        "the manifest lists a file or a type more than once",
        "マニフェストに同じファイルまたは同じ種類が複数あります",
        "Deliver one file of each type.",
    ),
    "F01": Rule(
        "FATAL",
        "the file's name, type or month is not the official one",
        "ファイル名・種類・年月が仕様どおりではありません",
        "Name files type_facility_YYMM.txt such as EFn_131000123_2504.txt, and deliver that month's data.",
    ),
    "F02": Rule(
        "FATAL",
        "the line's number of columns is not the layout's",
        "列の数が仕様と違います",
        "Write every column of the layout, separated by one tab each, one record a line. " + _RESEND,
    ),
    "F03": Rule(
        "FATAL",
        "the text is not Shift_JIS (code page 932)",
        "文字コードがシフトJIS（CP932）ではありません",
        "Save the file as Shift_JIS; do not cut a name inside a two-byte character. " + _RESEND,
    ),
    "F04": Rule(
        "WARNING",
        "the header line is not as the survey asks",
        "ヘッダ行の有無が仕様と違います",
        "FF1 and Hn have a header line, the other files have none. The file is read as it is.",
    ),
    "F05": Rule(
        "FATAL",
        "the facility code is not that of the delivery",
        "施設コードが提出施設と違います",
        "Deliver the files of one facility, under the code of the start of the year.",
    ),
    "F06": Rule(
        "FATAL",
        "the file's month is not that of the delivery",
        "ファイル名の年月が提出年月と違います",
        "Deliver the files of one month together.",
    ),
    "F07": Rule(
        "WARNING",
        "the file type is not expected of this hospital",
        "この病院に求められていない種類のファイルです",
        "Only DPC hospitals deliver Dn. Check ref/facilities.csv or the delivery.",
    ),
    "K00": Rule(
        "FATAL",
        "a K source file (with patients' names) must never be delivered",
        "Kファイルの元データ（カナ氏名を含む）は提出できません",
        "Delete it here, and deliver the K file that the survey's tool makes (11 columns, .txt).",
    ),
    "K02": Rule(
        "FATAL",
        "a K file was delivered and no id key is set",
        "Kファイルがありますが、IDの鍵が設定されていません",
        "Set DPC_ID_KEY (or its secret) and run again, or deliver without Kn.",
    ),
    "N01": Rule("FATAL", "a NUL byte stands in the line", "行にNUL文字があります", "The file is damaged. " + _RESEND),
    "N02": Rule(
        "FATAL",
        "a value is longer than its column can hold",
        "値が項目に入る長さを超えています",
        "Shorten the value to the layout's length. " + _RESEND,
    ),
    "N03": Rule(
        "FATAL",
        "the file has no data line",
        "データ行がありません",
        "FF1 and EFn hold at least one record. " + _RESEND,
    ),
    "N04": Rule(
        "WARNING",
        "a value is longer than its layout",
        "値が仕様の長さを超えています",
        "The value was loaded whole. Shorten it to the layout's length next time.",
    ),
    "W10": Rule(
        "WARNING",
        "a character outside plain Shift_JIS (vendor extension or gaiji)",
        "機種依存文字または外字があります",
        "The value was loaded. Gaiji are not allowed by the survey: write it with common characters.",
    ),
}


def problem(
    rule: str,
    file: str,
    *,
    line: int | None = None,
    column: int | None = None,
    field: str | None = None,
    expected: str = "",
    found: str = "",
) -> Problem:
    """A finding of `rule` (a key of RULES; KeyError otherwise)."""
    known = RULES[rule]
    return Problem(
        rule=rule,
        severity=known.severity,
        file=printable(file),
        line=line,
        column=column,
        field=field,
        expected=expected,
        found=printable(found),
        message_ja=known.message_ja,
        message_en=known.message_en,
        hint=known.todo,
    )


def printable(text: str) -> str:
    """`text` fit for a terminal and UTF-8: control characters and lone surrogates escaped, cut at 200 characters."""
    shown = text if len(text) <= 200 else text[:200] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shown)


def worst_first(found: Iterable[Problem]) -> tuple[Problem, ...]:
    """By severity, then file, line and column; a problem without a line stands before its file's lines."""
    return tuple(
        sorted(found, key=lambda p: (SEVERITIES.index(p.severity), p.file, p.line or 0, p.column or 0, p.rule))
    )


def sentence(found: Problem) -> str:
    """One line for a person: where, which rule, expected, found, what to do."""
    where = found.file
    if found.line is not None:
        where += f" line {found.line}"
    if found.column is not None:
        where += f" column {found.column}"
    if found.field is not None:
        where += f" ({found.field})"
    told = "; ".join(f"{word} {text}" for word, text in (("expected", found.expected), ("found", found.found)) if text)
    return f"{found.rule} {found.severity} {where}: {found.message_en}{': ' + told if told else ''}. {found.hint}"
