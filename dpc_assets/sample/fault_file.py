"""Faults of a file's name, form and encoding. The manifest agrees with the faulty file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dpc_assets.sample import dates
from dpc_assets.sample.delivery import Delivery, Row
from dpc_assets.sample.fault import Change
from dpc_assets.sample.text import header

_OTHER_FACILITY = "139999999"
_EF_NAME = 10
_EF_DATE = 23
_DN_NAME = 9
_KANA_ROWS = (
    "{facility},0000000001,{month}01,00000000,{month},ｻﾝﾌﾟﾙﾀﾛｳ,1,19500101,06139999,12,345678,00",
    "{facility},0000000002,{month}02,00000000,{month},ﾐﾎﾝﾊﾅｺ,2,19611231,06139999,12,345679,00",
)


def _named(file_type: str, name: Callable[[Delivery], str]) -> Change:
    return lambda clean: clean.with_data(file_type, clean.data(file_type), name(clean))


def _bytes(file_type: str, change: Callable[[bytes], bytes]) -> Change:
    return lambda clean: clean.with_data(file_type, change(clean.data(file_type)))


def _detail(row: Row) -> bool:
    return row[6] == "001"


def _drug(row: Row) -> bool:
    return row[6] != "000" and row[8].startswith("6")


def _value(file_type: str, column: int, value: str, chosen: Callable[[Row], bool]) -> Change:
    """Column `column` (from 0) of the first chosen line."""

    def change(row: Row) -> list[Row]:
        row[column] = value
        return [row]

    return lambda clean: clean.edited(file_type, chosen, change)


def _marked(file_type: str, column: int, damaged: bytes) -> Change:
    """A value that no text of cp932 gives, so it is put in as bytes."""
    mark = "MARKOFTHEFAULT"

    def change(clean: Delivery) -> Delivery:
        made = _value(file_type, column, mark, _detail)(clean)
        return clean.with_data(file_type, made.data(file_type).replace(mark.encode(), damaged))

    return change


def _column_missing(clean: Delivery) -> Delivery:
    return clean.edited("EFn", _detail, lambda row: [row[:-1]])


def _column_extra(clean: Delivery) -> Delivery:
    return clean.edited("FF1", lambda row: row[5] == "A000010", lambda row: [[*row, ""]])


def _year_earlier(clean: Delivery) -> Delivery:
    rows = clean.rows("EFn")
    for row in rows:
        row[_EF_DATE] = f"{int(row[_EF_DATE][:4]) - 1}{row[_EF_DATE][4:]}"
    return clean.with_rows("EFn", rows)


def _unwanted_header(clean: Delivery) -> Delivery:
    names = ["施設コード", *(f"項目{number}" for number in range(2, 32))]
    return clean.with_rows("EFn", [names, *clean.rows("EFn")])


def _no_header(clean: Delivery) -> Delivery:
    return clean.with_rows("FF1", clean.rows("FF1")[1:])


def _header_only(clean: Delivery) -> Delivery:
    head = header("FF1", clean.submission.month)
    assert head is not None
    return clean.with_rows("FF1", [head.split("\t")])


def _short_lines(clean: Delivery) -> Delivery:
    text = "".join("\t".join(row).rstrip("\t") + "\r\n" for row in clean.rows("FF1"))
    return clean.with_data("FF1", text.encode("cp932"))


def _kana(clean: Delivery) -> bytes:
    month = dates.compact(clean.submission.month)
    rows = (row.format(facility=clean.submission.facility, month=month) for row in _KANA_ROWS)
    return "".join(f"{row}\r\n" for row in rows).encode("cp932")


def _k_source_file(clean: Delivery) -> Delivery:
    return clean.with_data("Kn", _kana(clean), clean.name("Kn").replace(".txt", ".csv"))


def _utf8(data: bytes) -> bytes:
    return data.decode("cp932").encode("utf-8")


def _other_month(clean: Delivery) -> str:
    following = dates.add(clean.submission.month, 1)
    return f"Hn_{clean.submission.facility}_{following[2:4]}{following[5:]}.txt"


CHANGES: Mapping[str, Change] = {
    "unofficial-name": _named("EFn", lambda clean: f"EFn_{clean.submission.facility}_{clean.submission.month}.txt"),
    "other-facility-name": _named("FF4", lambda c: c.name("FF4").replace(c.submission.facility, _OTHER_FACILITY)),
    "other-month-name": _named("Hn", _other_month),
    "other-facility-line": _value("EFn", 0, _OTHER_FACILITY, _detail),
    "other-month-content": _year_earlier,
    "column-missing": _column_missing,
    "column-extra": _column_extra,
    "tab-in-name": _value("EFn", _EF_NAME, "アスピリン\t錠", _drug),
    "line-break-in-name": _value("Dn", _DN_NAME, "アスピリン\r\n錠", lambda row: True),
    "broken-cp932": _marked("EFn", _EF_NAME, "注射液".encode("cp932")[:-1]),
    "utf8": _bytes("EFn", _utf8),
    "utf8-bom": _bytes("FF1", lambda data: b"\xef\xbb\xbf" + _utf8(data)),
    "nul-byte": _marked("EFn", _EF_NAME, b"ABC\x00DEF"),
    "too-long": _value("EFn", _EF_NAME, "長" * 400, _detail),
    "empty-efn": _bytes("EFn", lambda data: b""),
    "header-only-ff1": _header_only,
    "k-source-file": _k_source_file,
    "k-source-content": lambda clean: clean.with_data("Kn", _kana(clean)),
    "over-layout": _value("EFn", _EF_NAME, "長" * 150, _detail),
    "no-header": _no_header,
    "unwanted-header": _unwanted_header,
    "gaiji": _marked("EFn", _EF_NAME, b"\xf0\x40"),
    "quote-in-name": _value("EFn", _EF_NAME, '"先発"アムロジピン錠', _drug),
    "end-mark": _bytes("EFn", lambda data: data + b"\x1a"),
    "lf-only": _bytes("EFn", lambda data: data.replace(b"\r\n", b"\n")),
    "no-last-newline": _bytes("EFn", lambda data: data.removesuffix(b"\r\n")),
    "short-ff1-lines": _short_lines,
}
"""Fault name -> what it does to a clean delivery."""
