"""Forty deliveries with one fault each: what a person is told, word for word, and that nobody else is stopped."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deliveries import (
    FACILITY,
    FF1_HEADER,
    HN_HEADER,
    MONTH,
    OTHER,
    Delivery,
    delivery,
    dn,
    efg,
    efn,
    ff1,
    ff4,
    hn,
    kana_row,
    kn,
    official,
    ports,
    tabbed,
    text,
)

from dpc_assets.steps import normalize, validate_manifest, verdict
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.problems import sentence
from dpc_assets.steps.run import Run

Put = Callable[[Path], None]

_COLUMNS = "the line's number of columns is not the layout's"
_SCHEMA = "the manifest breaks the schema dpc-manifest/1"
_NO_JSON = "the manifest is missing or is not JSON in UTF-8"
_TOO_LONG = "a value is longer than its column can hold"
_ENCODING = "the text is not Shift_JIS (code page 932)"
_FACILITY_CODE = "the facility code is not that of the delivery"
_NAME = "the file's name, type or month is not the official one"
_SOURCE = "a K source file (with patients' names) must never be delivered"


def files(**replaced: bytes | None) -> Put:
    """The delivery with these files, its manifest right."""
    return lambda lake: delivery(**replaced).put(lake)


def manifest(change: Callable[[dict[str, Any]], Any]) -> Put:
    """The right files under a changed manifest; `change` edits it or answers another one."""

    def put(lake: Path) -> None:
        whole = delivery()
        document = whole.manifest()
        answer = change(document)
        whole.put(lake, document if answer is None else answer)

    return put


def raw_manifest(data: bytes | None) -> Put:
    def put(lake: Path) -> None:
        whole = delivery()
        whole.put(lake)
        path = lake / whole.folder / "_manifest.json"
        path.unlink() if data is None else path.write_bytes(data)

    return put


def entry_of(document: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(each for each in document["files"] if each["type"] == kind)


def extra(name: str, data: bytes) -> Put:
    def put(lake: Path) -> None:
        whole = delivery()
        whole.put(lake)
        (lake / whole.folder / name).write_bytes(data)

    return put


def missing(kind: str) -> Put:
    def put(lake: Path) -> None:
        whole = delivery()
        whole.put(lake)
        (lake / whole.folder / official(kind)).unlink()

    return put


def renamed(old: str, new: str) -> Put:
    def put(lake: Path) -> None:
        named = {new if name == old else name: data for name, data in delivery().files.items()}
        whole = Delivery(named)
        document = whole.manifest()
        for each in document["files"]:
            if each["name"] == new:
                each["type"] = old.split("_")[0]
        whole.put(lake, document)

    return put


def wrong_type() -> Put:
    def put(lake: Path) -> None:
        whole = delivery(Dn=None)
        document = whole.manifest()
        entry_of(document, "EFg").update(type="Dn")
        whole.put(lake, document)

    return put


def both(kind: str, facility: str) -> Put:
    """A second file of a type, of another facility, listed like the first."""

    def put(lake: Path) -> None:
        whole = delivery()
        whole.files[official(kind, facility)] = text(ff4(facility))
        whole.put(lake)

    return put


def replaced_byte(kind: str) -> Put:
    """The file changed after the manifest was made; size and lines stayed."""

    def put(lake: Path) -> None:
        whole = delivery()
        whole.put(lake)
        path = lake / whole.folder / official(kind)
        path.write_bytes(path.read_bytes().replace(b"20250402", b"20250403", 1))

    return put


LONG_NAME = "ア" * 382  # 764 bytes in cp932, 1,146 in UTF-8; the column holds 762

CASES: dict[str, tuple[Put, list[str]]] = {
    "no manifest": (
        raw_manifest(None),
        [f"M01 FATAL _manifest.json: {_NO_JSON}: expected a file _manifest.json; found no such file."],
    ),
    "manifest cut short": (
        raw_manifest(b'{"schema": "dpc-manifest/1",'),
        [
            f"M01 FATAL _manifest.json: {_NO_JSON}: expected JSON in UTF-8; "
            "found Expecting property name enclosed in double quotes at line 1 column 29."
        ],
    ),
    "manifest in UTF-16": (
        raw_manifest('{"schema": "dpc-manifest/1"}'.encode("utf-16")),
        [f"M01 FATAL _manifest.json: {_NO_JSON}: expected JSON in UTF-8; found byte 1 is not UTF-8."],
    ),
    "manifest is a list": (
        manifest(lambda document: [document]),
        [f"M02 FATAL _manifest.json: {_SCHEMA}: expected an object; found a list."],
    ),
    "manifest with NaN": (
        manifest(lambda document: document | {"version": float("nan")}),
        [f"M01 FATAL _manifest.json: {_NO_JSON}: expected JSON in UTF-8; found NaN is not JSON."],
    ),
    "version is true": (
        manifest(lambda document: document | {"version": True}),
        [f"M02 FATAL _manifest.json (version): {_SCHEMA}: expected an integer from 1; found true."],
    ),
    "unknown key": (
        manifest(lambda document: document | {"hospital": "A"}),
        [
            f"M02 FATAL _manifest.json (hospital): {_SCHEMA}: expected only the keys schema, facility_code, yyyymm, "
            'version, created_at, files, notes; found the key "hospital".'
        ],
    ),
    "created_at without an offset": (
        manifest(lambda document: document | {"created_at": "2025-05-10T09:00:00"}),
        [
            f"M02 FATAL _manifest.json (created_at): {_SCHEMA}: expected an RFC 3339 time with offset such as "
            '"2025-05-10T09:00:00+09:00"; found "2025-05-10T09:00:00".'
        ],
    ),
    "records as text": (
        manifest(lambda document: entry_of(document, "FF4").update(records="1")),
        [f'M02 FATAL _manifest.json (files[1].records): {_SCHEMA}: expected an integer from 0; found "1".'],
    ),
    "a key given twice": (
        raw_manifest(json.dumps(delivery().manifest()).replace("{", '{"yyyymm": "202504", ', 1).encode()),
        [f"M02 FATAL _manifest.json (yyyymm): {_SCHEMA}: expected each key once; found the key given again."],
    ),
    "a name with a path": (
        manifest(lambda document: document["files"].append(entry_of(document, "FF4") | {"name": "../FF4.txt"})),
        [
            f"M02 FATAL _manifest.json (files[7].name): {_SCHEMA}: expected a file name without a path; "
            'found "../FF4.txt".'
        ],
    ),
    "listed file absent": (
        missing("Hn"),
        [
            "M03 FATAL Hn_131000123_2504.txt: a file of the manifest is not in the folder: "
            "expected the file in the folder; found no such file."
        ],
    ),
    "file not listed": (
        extra("memo.txt", b"hello"),
        [
            "M04 FATAL memo.txt: the folder holds a file that the manifest does not list: "
            "expected only files of the manifest; found a file that is not listed."
        ],
    ),
    "bytes differ": (
        manifest(lambda document: entry_of(document, "FF4").update(bytes=41)),
        [
            "M05 FATAL FF4_131000123_2504.txt: the file's size differs from the manifest: "
            "expected 41 bytes; found 42 bytes."
        ],
    ),
    "sha256 differs": (
        replaced_byte("Hn"),
        [
            "M06 FATAL Hn_131000123_2504.txt: the file's SHA-256 differs from the manifest: "
            "expected 097f8279a9a654acfb4852cda5e7e039d48ac71fc739205d75959c3324546f63; "
            "found cd1532eaabf1c9d415a3b917730f23c43e7299ec65047b5e691563c96720a1ed."
        ],
    ),
    "records count the header": (
        manifest(lambda document: entry_of(document, "FF1").update(records=2)),
        [
            "M07 FATAL FF1_131000123_2504.txt: the number of data lines differs from the manifest: "
            "expected 2 records; found 1 records."
        ],
    ),
    "no EFn": (
        files(EFn=None),
        [
            "M08 FATAL _manifest.json (files): a required file type is not in the delivery: "
            "expected a file of type EFn; found none."
        ],
    ),
    "manifest of another month": (
        manifest(lambda document: document | {"yyyymm": "202505"}),
        [
            "M09 FATAL _manifest.json (yyyymm): the manifest disagrees with the folder it lies in: "
            "expected 202504, as its folder; found 202505."
        ],
    ),
    "manifest of another version": (
        manifest(lambda document: document | {"version": 2}),
        [
            "M09 FATAL _manifest.json (version): the manifest disagrees with the folder it lies in: "
            "expected 1, as its folder; found 2."
        ],
    ),
    "one file listed twice": (
        manifest(lambda document: document["files"].append(entry_of(document, "FF4"))),
        [
            "M10 FATAL FF4_131000123_2504.txt: the manifest lists a file or a type more than once: "
            "expected one entry a file; found 2 entries."
        ],
    ),
    "two files of one type": (
        both("FF4", OTHER),
        [
            f"F05 FATAL FF4_271000456_2504.txt: {_FACILITY_CODE}: expected 131000123; "
            "found 271000456 in the file name.",
            "M10 FATAL _manifest.json (files): the manifest lists a file or a type more than once: "
            "expected one file of type FF4; found 2 files.",
        ],
    ),
    "name in lower case": (
        renamed("EFn_131000123_2504.txt", "efn_131000123_2504.txt"),
        [f"F01 FATAL efn_131000123_2504.txt: {_NAME}: expected type_facility_YYMM.txt; found another name."],
    ),
    "type differs from the name": (
        wrong_type(),
        [f"F01 FATAL EFg_131000123_2504.txt: {_NAME}: expected type EFg, as the name; found type Dn."],
    ),
    "name of another month": (
        renamed("EFg_131000123_2504.txt", "EFg_131000123_2505.txt"),
        [
            "F06 FATAL EFg_131000123_2505.txt: the file's month is not that of the delivery: "
            "expected 2025-04; found 2025-05 in the file name."
        ],
    ),
    "no service date of the month": (
        files(EFn=text(efn(FACILITY, date="20250502"))),
        [
            f"F01 FATAL EFn_131000123_2504.txt column 24 (service_date): {_NAME}: "
            "expected service dates in 202504; found no line with one."
        ],
    ),
    "a column missing": (
        files(EFn=text(efn(FACILITY), efn(FACILITY).rsplit("\t", 1)[0])),
        [f"F02 FATAL EFn_131000123_2504.txt line 2: {_COLUMNS}: expected 31 columns; found 30 columns."],
    ),
    "a column too many": (
        files(FF1=text(FF1_HEADER, ff1(FACILITY) + "\t")),
        [f"F02 FATAL FF1_131000123_2504.txt line 2: {_COLUMNS}: expected 17 columns at most; found 18 columns."],
    ),
    "a blank line": (
        files(Dn=text(dn(FACILITY), "", dn(FACILITY))),
        [f"F02 FATAL Dn_131000123_2504.txt line 2: {_COLUMNS}: expected 30 columns; found a blank line."],
    ),
    "comma for tab": (
        files(FF4=text(ff4(FACILITY), ff4(FACILITY).replace("\t", ","))),
        [f"F02 FATAL FF4_131000123_2504.txt line 2: {_COLUMNS}: expected 5 columns; found 1 column."],
    ),
    "lines ended by CR alone": (
        files(FF4=text(ff4(FACILITY), ff4(FACILITY), end="\r")),
        [
            f"F02 FATAL FF4_131000123_2504.txt line 1: {_COLUMNS}: "
            "expected 5 columns; found a carriage return inside the line."
        ],
    ),
    "UTF-8": (
        files(EFn=(efn(FACILITY, name="静脈内注射") + "\r\n").encode("utf-8")),
        [
            f"F03 FATAL EFn_131000123_2504.txt line 1 column 11 (detail_name): {_ENCODING}: "
            "expected Shift_JIS; found byte 0x85 at byte 9 of the value."
        ],
    ),
    "UTF-8 that passes for kanji": (
        files(EFn=f"{efn(FACILITY, name='AB')}\n{efn(FACILITY, name='ア')}\n".encode()),
        [f"F03 FATAL EFn_131000123_2504.txt line 2: {_ENCODING}: expected Shift_JIS; found UTF-8."],
    ),
    "a name cut inside a character": (
        files(EFn=text(efn(FACILITY)).replace("射\t".encode("cp932"), b"\x8e\t")),
        [
            f"F03 FATAL EFn_131000123_2504.txt line 1 column 11 (detail_name): {_ENCODING}: "
            "expected Shift_JIS; found byte 0x8E at byte 9 of the value."
        ],
    ),
    "a byte the code page lacks": (
        files(EFn=text(efn(FACILITY, name="AB")).replace(b"AB", b"A\xff")),
        [
            f"F03 FATAL EFn_131000123_2504.txt line 1 column 11 (detail_name): {_ENCODING}: "
            "expected Shift_JIS; found byte 0xFF at byte 2 of the value."
        ],
    ),
    "another facility's line": (
        files(Hn=text(HN_HEADER, hn(FACILITY), hn(OTHER))),
        [
            f"F05 FATAL Hn_131000123_2504.txt line 3 column 1 (facility_code): {_FACILITY_CODE}: "
            "expected 131000123; found 271000456."
        ],
    ),
    "a NUL byte": (
        files(EFg=text(efg(FACILITY).replace("1234567", "123\x00567"))),
        [
            "N01 FATAL EFg_131000123_2504.txt line 1 column 27 (doctor_code): a NUL byte stands in the line: "
            "expected text; found a NUL byte."
        ],
    ),
    "a value longer than its column": (
        files(EFn=text(efn(FACILITY, name=LONG_NAME))),
        [
            f"N02 FATAL EFn_131000123_2504.txt line 1 column 11 (detail_name): {_TOO_LONG}: "
            "expected at most 762 bytes in UTF-8; found 1146 bytes."
        ],
    ),
    "a payload longer than 3,000 bytes": (
        files(FF1=text(FF1_HEADER, ff1(FACILITY, "Mzz0010", "x" * 3001))),
        [
            f"N02 FATAL FF1_131000123_2504.txt line 2 column 9 (payload_1): {_TOO_LONG}: "
            "expected at most 3000 bytes in UTF-8; found 3001 bytes."
        ],
    ),
    "FF1 of a header alone": (
        files(FF1=text(FF1_HEADER)),
        ["N03 FATAL FF1_131000123_2504.txt: the file has no data line: expected at least one data line; found none."],
    ),
    "EFn of no byte": (
        files(EFn=b""),
        ["N03 FATAL EFn_131000123_2504.txt: the file has no data line: expected at least one data line; found none."],
    ),
    "K source by name": (
        extra("Kn_131000123_2504.csv", text(kana_row(FACILITY))),
        [f"K00 FATAL Kn_131000123_2504.csv: {_SOURCE}: expected no such file; found the name of a K source file."],
    ),
    "K source under the name of K": (
        files(Kn=text(kana_row(FACILITY))),
        [f"K00 FATAL Kn_131000123_2504.txt line 1: {_SOURCE}: expected a file of the survey; found a K source file."],
    ),
    "K source row by tab, deep in FF1": (
        files(FF1=text(FF1_HEADER, *[ff1(FACILITY)] * 400, kana_row(FACILITY, "\t"))),
        [f"K00 FATAL FF1_131000123_2504.txt line 402: {_SOURCE}: expected a line of FF1; found a K source row."],
    ),
    "K with the source's column": (
        files(Kn=text(kn(FACILITY) + "\t")),
        [f"F02 FATAL Kn_131000123_2504.txt line 1: {_COLUMNS}: expected 11 columns; found 12 columns."],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_one_fault_is_told_and_stops_nobody_else(case: str, tmp_path: Path) -> None:
    put, told = CASES[case]
    put(tmp_path)
    delivery(OTHER).put(tmp_path)
    world = ports(tmp_path)
    judge = Run("run-1", (MONTH,))

    validate_manifest.run(judge, world)
    summary = normalize.run(judge, world)

    found = verdict.current(world.store, Submission(MONTH, FACILITY, 1))
    assert found is not None
    assert [sentence(each).removesuffix(f" {each.hint}") for each in found.problems] == told
    assert found.verdict == "rejected"
    assert list(world.store.list(f"stage/yyyymm={MONTH}/{FACILITY}/")) == []
    passed = verdict.in_use(world.store, MONTH, OTHER)
    assert passed is not None
    assert (passed.version, passed.problems) == (1, ())
    assert [each.records for each in passed.files] == [1, 1, 2, 1, 1, 1, 1]
    assert summary.counts["in_use"] == 1
    assert summary.notes == tuple(f"{FACILITY} v1: {sentence(each)}" for each in found.problems)
    _keep_no_name(tmp_path)


def _keep_no_name(lake: Path) -> None:
    """No kana name left the folder of raw/."""
    for path in lake.rglob("*"):
        if path.is_file() and "raw" not in path.relative_to(lake).parts[0]:
            data = path.read_bytes()
            plain = gzip.decompress(data) if path.suffix == ".gz" else data
            assert "ヤマダ".encode() not in plain, path


def test_there_are_at_least_forty_cases() -> None:
    assert len(CASES) >= 40


def test_every_fault_of_one_delivery_is_told_at_once(tmp_path: Path) -> None:
    whole = delivery(EFn=None, Kn=None)
    document = whole.manifest() | {"yyyymm": "202505", "version": "1"}
    document["files"][0]["bytes"] = 1
    whole.put(tmp_path, document)
    (tmp_path / whole.folder / "memo.txt").write_bytes(b"")
    (tmp_path / whole.folder / official("Hn")).unlink()
    world = ports(tmp_path)

    validate_manifest.run(Run("run-1", (MONTH,)), world)

    found = verdict.read(world.store, Submission(MONTH, FACILITY, 1))
    assert found is not None
    assert [(each.rule, each.file, each.field) for each in found.problems] == [
        ("M05", "FF1_131000123_2504.txt", None),
        ("M03", "Hn_131000123_2504.txt", None),
        ("M02", "_manifest.json", "version"),
        ("M08", "_manifest.json", "files"),
        ("M09", "_manifest.json", "yyyymm"),
        ("M04", "memo.txt", None),
    ]
    assert tabbed(*(each.name for each in found.files)) == (
        "Dn_131000123_2504.txt\tEFg_131000123_2504.txt\tFF1_131000123_2504.txt\tFF4_131000123_2504.txt"
    )
