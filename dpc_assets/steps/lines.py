"""One streaming pass over a delivered file: digest, records, columns, encoding, widths, and its text as UTF-8 lines.

Lines that are in order go through one regular expression per layout, a chunk at a time; the others are judged one by
one. Memory does not depend on the file: a chunk, its text, and at most LISTED problems are held.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from dpc_assets.formats.registry import REQUIRED_TYPES, UNBOUNDED, Field, Layout
from dpc_assets.steps.cp932 import broken_byte, decoded, first_unusual, has_unusual
from dpc_assets.steps.problems import LISTED, Problem, problem
from dpc_assets.steps.run import compact

CHUNK = 1 << 20
LONGEST = 1 << 18
"""Bytes of a line that are kept. A longer one breaks a width of every layout; it is counted, not kept."""

_DATED_TYPES = ("EFn", "Dn", "Hn")
_NAMES = "K"
_BLANK = re.compile(rb"(?:\r?\n)+")
_SOURCE_ROW = re.compile(
    rb'"?[0-9]{9}"?(?P<by>[,\t])"?[0-9]{1,10}"?(?P=by)"?[0-9]{8}"?(?P=by)"?[0-9]{8}"?(?P=by)"?[0-9]{6}"?(?P=by)'
    rb'"?(?![0-9]+"?(?P=by))[^,\t\r\n]+(?P=by)"?[0-9]?"?(?P=by)"?(?:[0-9]{8})?"?'
    rb"(?:(?P=by)[^,\t\r\n]*){4}(?:[\r\n\x1a]|\Z)"
)


def is_source_row(line: bytes) -> bool:
    """Whether a line is a row of the K source file (spec p154): its 12 columns, by comma or tab, name included."""
    return _SOURCE_ROW.match(line) is not None


@dataclass(frozen=True)
class Text:
    """Where accepted lines go. `prefix`: the provenance columns before line_no, each ended by a tab; `put` gets
    whole UTF-8 lines; `hashed` maps a delivered value of a hashed column to what is kept."""

    prefix: str
    put: Callable[[bytes], None]
    hashed: Callable[[str], str]


@dataclass(frozen=True)
class Scan:
    """What one file holds. `more`: problems by rule that were found beyond the listed ones."""

    bytes: int
    sha256: str
    records: int
    header: bool
    problems: tuple[Problem, ...]
    more: Mapping[str, int]

    @property
    def fatal(self) -> bool:
        return any(found.fatal for found in self.problems)


def scan(stream: BinaryIO, layout: Layout, *, file: str, facility: str, month: str, text: Text | None) -> Scan:
    """Reads `stream` to its end. `facility`: the code every line must carry; `month` (`2025-04`) the file's month.

    Lines end in CRLF or LF; the last end and a closing run of 0x1A are optional. After a FATAL problem nothing more
    is put, what was put before is the caller's to drop. Errors of the stream are passed on.
    """
    reader = _Reader(layout, file, facility, month, text)
    digest = hashlib.sha256()
    size = 0
    rest = b""
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if reader.long is not None:
            end = chunk.find(b"\n")
            if end < 0:
                reader.long.add(chunk)
                continue
            reader.long.add(chunk[:end])
            reader.end_long()
            chunk = chunk[end + 1 :]
        cut = chunk.rfind(b"\n") + 1
        if cut:
            reader.block(rest + chunk[:cut])
            rest = chunk[cut:]
        else:
            rest += chunk
        if len(rest) > LONGEST:
            reader.long = _LongLine(rest)
            rest = b""
    if reader.long is not None:
        reader.end_long()
    rest = rest.rstrip(b"\x1a")
    if rest:
        reader.block(rest + b"\n")
    reader.close()
    return Scan(size, digest.hexdigest(), reader.records, reader.header, reader.listed(), reader.more())


class _LongLine:
    """A line too long to keep: its start, its columns, and the first column that cannot fit."""

    def __init__(self, start: bytes) -> None:
        self.start = start[:LONGEST]
        self.columns = 1
        self.nul: int | None = None
        self.widths: list[int] = [0]
        self.add(start)

    def add(self, piece: bytes) -> None:
        nul = piece.find(b"\0")
        if nul >= 0 and self.nul is None:
            self.nul = self.columns + piece.count(b"\t", 0, nul)
        tabs = piece.count(b"\t")
        if self.columns <= 100:
            first, *others = piece.split(b"\t", 100)
            self.widths[-1] += len(first)
            self.widths += [len(each) for each in others]
        self.columns += tabs


class _Reader:
    def __init__(self, layout: Layout, file: str, facility: str, month: str, text: Text | None) -> None:
        self.layout = layout
        self.file = file
        self.facility = facility.encode("ascii")
        self.text = text
        self.long: _LongLine | None = None
        self.line = 0
        self.records = 0
        self.header = False
        self._fatal: list[Problem] = []
        self._other: list[Problem] = []
        self._found: Counter[str] = Counter()
        self._utf8: int | None = 0  # the first line with a character of 3 bytes in UTF-8; None: the file is not UTF-8
        self._good = _good_lines(layout, self.facility)
        self._secret = layout.file_type.startswith(_NAMES)
        self._month = compact(month)
        self._dated = _in_month(layout, self._month) if layout.file_type in _DATED_TYPES else None
        kept = [(f.position - 1, f.name in layout.hashed) for f in layout.raw_fields]
        whole = len(kept) == len(layout.fields) and not layout.hashed
        self._kept = None if whole else kept

    # problems

    def note(
        self, rule: str, *, line: int | None = None, at: Field | None = None, expected: str = "", found: str = ""
    ) -> None:
        self._found[rule] += 1
        where = self._other if rule in ("F04", "N04", "W10") else self._fatal
        if len(where) < LISTED:
            where.append(
                problem(
                    rule,
                    self.file,
                    line=line,
                    column=at.position if at else None,
                    field=at.name if at else None,
                    expected=expected,
                    found=found,
                )
            )

    def listed(self) -> tuple[Problem, ...]:
        return (*self._fatal, *self._other)

    def more(self) -> dict[str, int]:
        listed = Counter(found.rule for found in self.listed())
        return {rule: count - listed[rule] for rule, count in self._found.items() if count > listed[rule]}

    # lines

    def block(self, block: bytes) -> None:
        """Whole lines, each ended by LF."""
        position = 0
        if self._utf8 is not None and not block.isascii():
            self._utf8 = _wide_utf8(block, self.line, self._utf8)
        if self.line == 0:
            position = self._first(block)
        while position < len(block):
            good = self._good.match(block, position)
            if good and good.end() > position:
                self._good_block(block[position : good.end()])
                position = good.end()
            if blank := _BLANK.match(block, position):
                self._blank_lines(block.count(b"\n", position, blank.end()))
                position = blank.end()
            elif position < len(block):
                end = block.index(b"\n", position)
                self._judge(block[position:end])
                position = end + 1

    def _first(self, block: bytes) -> int:
        """Where the data begins: behind line 1 if that is a header."""
        end = block.index(b"\n")
        line = block[:end].removesuffix(b"\r")
        first, *others = line.split(b"\t")
        wanted = self.layout.header
        if not first or first.isdigit() or is_source_row(line):
            if wanted and line:
                self.note("F04", line=1, expected="a header line", found="none: line 1 is read as data")
            return 0
        self.line = 1
        self.header = True
        columns, expected = 1 + len(others), len(self.layout.fields)
        if b"\0" in line:
            self.note("N01", line=1, expected="text", found="a NUL byte in the header line")
        elif decoded(line) is None:
            self.note("F03", line=1, expected="Shift_JIS", found="bytes of another encoding in the header line")
        if not wanted:
            self.note("F04", line=1, expected="no header line", found="a header line: not read as data")
        elif columns > expected:
            self.note("F04", line=1, expected=f"a header of {expected} columns", found=f"{columns} columns")
        return end + 1

    def _good_block(self, block: bytes) -> None:
        """Lines that have the layout's columns and widths."""
        plain = block.isascii()
        text = block.decode("ascii") if plain else decoded(block)
        if text is None:
            for raw in block.split(b"\n")[:-1]:
                self._judge(raw)
            return
        if self._dated is not None and self._dated.search(block):
            self._dated = None
        ends = text.count("\n")
        lines = text.split("\r\n")
        if len(lines) <= ends:
            lines = text.replace("\r\n", "\n").split("\n")
        lines.pop()
        if not plain and has_unusual(text):
            for number, line in enumerate(lines, self.line + 1):
                self._unusual_line(line, number)
        self._put(lines)
        self.line += len(lines)
        self.records += len(lines)

    def _blank_lines(self, count: int) -> None:
        expected = f"{len(self.layout.fields)} columns"
        for number in range(self.line + 1, self.line + 1 + min(count, LISTED)):
            self.note("F02", line=number, expected=expected, found="a blank line")
        self._found["F02"] += max(count - LISTED, 0)
        self.line += count

    def _put(self, lines: list[str]) -> None:
        """Sends accepted lines on; the first of them is line `self.line + 1` of the file."""
        if self.text is None or self._fatal:
            return
        if self._kept is not None:
            lines = [self._reduced(line) for line in lines]
        prefix = self.text.prefix
        numbered = [f"{prefix}{number}\t{line}\n" for number, line in enumerate(lines, self.line + 1)]
        self.text.put("".join(numbered).encode("utf-8"))

    def _reduced(self, line: str) -> str:
        assert self.text is not None and self._kept is not None
        values = line.split("\t")
        hashed = self.text.hashed
        return "\t".join(hashed(values[i]) if secret else values[i] for i, secret in self._kept)

    def _judge(self, raw: bytes) -> None:
        """One line that is not plainly good, without its LF."""
        number = self.line + 1
        text = self._judged(raw.removesuffix(b"\r"), number)
        self.records += 1
        if text is not None:
            self._unusual_line(text, number)
            self._put([text])
        self.line = number

    def _judged(self, line: bytes, number: int) -> str | None:
        fields = self.layout.fields
        if is_source_row(line):
            self.note("K00", line=number, expected=f"a line of {self.layout.file_type}", found="a K source row")
            return None
        values = line.split(b"\t", len(fields) + 100)
        if b"\0" in line:
            position = next(i for i, value in enumerate(values) if b"\0" in value)
            at = fields[position] if position < len(fields) else None
            self.note("N01", line=number, at=at, expected="text", found="a NUL byte")
            return None
        if not self._columns(line, len(values) if len(values) <= len(fields) else line.count(b"\t") + 1, number):
            return None
        before = len(self._fatal), self._found.total()
        if values[0] != self.facility:
            self.note("F05", line=number, at=fields[0], expected=self.facility.decode(), found=_code_shown(values[0]))
        texts = [self._value(value, at, number) for value, at in zip(values, fields, strict=False)]
        if self._dated is not None and self._dated.match(line + b"\n"):
            self._dated = None
        if len(self._fatal) > before[0] or None in texts:
            return None
        return "\t".join(text or "" for text in texts) + "\t" * (len(fields) - len(values))

    def _columns(self, line: bytes, columns: int, number: int) -> bool:
        expected = len(self.layout.fields)
        at_most = " at most" if self.layout.pad else ""
        if b"\r" in line:
            found = "a carriage return inside the line"
        elif columns == expected or (self.layout.pad and columns < expected):
            return True
        else:
            found = f"{columns} column{'s' if columns > 1 else ''}"
        self.note("F02", line=number, expected=f"{expected} columns{at_most}", found=found)
        return False

    def _value(self, value: bytes, at: Field, number: int) -> str | None:
        text = decoded(value)
        if text is None:
            self.note("F03", line=number, at=at, expected="Shift_JIS", found=_broken(value))
            return None
        width = len(value)
        if width > (at.max_bytes or 0) and (at.max_bytes or width * 3 > UNBOUNDED):
            stored = len(text.encode("utf-8"))
            if stored > at.varchar and at in self.layout.raw_fields:
                self._too_long(at, stored, number)
            elif at.max_bytes:
                self.note("N04", line=number, at=at, expected=f"at most {at.max_bytes} bytes", found=f"{width} bytes")
        return text

    def _too_long(self, at: Field, stored: int, number: int) -> None:
        expected = f"at most {at.varchar} bytes in UTF-8"
        self.note("N02", line=number, at=at, expected=expected, found=f"{stored} bytes")

    def _unusual_line(self, text: str, number: int) -> None:
        start = first_unusual(text)
        if start is None:
            return
        at = self.layout.fields[text.count("\t", 0, start)]
        found = "one" if self._secret else f"U+{ord(text[start]):04X} {text[start]}"
        self.note("W10", line=number, at=at, expected="characters of JIS X 0208", found=found)

    # ends

    def end_long(self) -> None:
        """Judges the line in `long`, which was too long to keep."""
        assert self.long is not None
        line, self.long = self.long, None
        self.line += 1
        self.records += 1
        fields = self.layout.fields
        number = self.line
        if is_source_row(line.start):
            self.note("K00", line=number, expected=f"a line of {self.layout.file_type}", found="a K source row")
        elif line.nul is not None:
            at = fields[line.nul - 1] if line.nul <= len(fields) else None
            self.note("N01", line=number, at=at, expected="text", found="a NUL byte")
        elif self._columns(b"x", line.columns, number):
            at, width = next(pair for pair in zip(fields, line.widths, strict=False) if pair[1] > pair[0].varchar)
            self._too_long(at, width, number)

    def close(self) -> None:
        """What only the whole file shows."""
        kind = self.layout.file_type
        if self._utf8 and "F03" not in self._found:  # such bytes may pass for rare kanji
            self.note("F03", line=self._utf8, expected="Shift_JIS", found="UTF-8")
        if self.records == 0:
            if kind in REQUIRED_TYPES:
                self.note("N03", expected="at least one data line", found="none")
        elif self._dated is not None:
            at = next(f for f in self.layout.fields if f.name == "service_date")
            self.note("F01", at=at, expected=f"service dates in {self._month}", found="no line with one")


def _wide_utf8(block: bytes, line: int, known: int) -> int | None:
    """`known`, or else the first line of `block` (which follows `line`) that holds kana or kanji in UTF-8, or 0;
    None where `block` is not UTF-8."""
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError:
        return None
    wide = re.search("[\u0800-\U0010ffff]", text)
    return known or (line + 1 + text.count("\n", 0, wide.start()) if wide else 0)


def _broken(value: bytes) -> str:
    """Which byte is wrong; as it is no character, nothing of a patient is told."""
    at = broken_byte(value)
    return f"byte 0x{value[at]:02X} at byte {at + 1} of the value"


def _code_shown(value: bytes) -> str:
    """A facility code may be told; anything else in its column could be a patient's."""
    return value.decode("ascii") if re.fullmatch(rb"[0-9]{9}", value) else f"a text of {len(value)} bytes"


def _good_lines(layout: Layout, facility: bytes) -> re.Pattern[bytes]:
    """A run of complete lines of this facility whose values fit the layout."""
    widths = [f.max_bytes or UNBOUNDED // 3 for f in layout.fields[1:]]
    values = b"".join(rb"\t[^\t\n\r\0]{0,%d}+" % width for width in widths)
    return re.compile(rb"(?:%s%s\r?\n)*+" % (re.escape(facility), values))


def _in_month(layout: Layout, yyyymm: str) -> re.Pattern[bytes]:
    position = next(f.position for f in layout.fields if f.name == "service_date")
    return re.compile(rb"^(?:[^\t\n]*\t){%d}%s" % (position - 1, yyyymm.encode("ascii")), re.MULTILINE)
