"""What may stand in a delivered file and still passes, what is staged of it, and what a second run does."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from deliveries import (
    FACILITY,
    FF1_HEADER,
    HN_HEADER,
    KEY,
    MONTH,
    NOW,
    OTHER,
    Delivery,
    NoWarehouse,
    delivery,
    efn,
    ff1,
    ff4,
    hn,
    kn,
    official,
    ports,
    tabbed,
    text,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from dpc_assets.formats.registry import layout
from dpc_assets.steps import lines, normalize, validate_manifest, verdict
from dpc_assets.steps.errors import InputError, RetryLater
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Result, Run
from dpc_assets.steps.store import FolderStore

JUDGE = Run("run-1", (MONTH,))
FIRST = Submission(MONTH, FACILITY, 1)


def judged(lake: Path, world: Ports | None = None) -> Result:
    world = world or ports(lake)
    validate_manifest.run(JUDGE, world)
    return normalize.run(JUDGE, world)


def staged(lake: Path, kind: str, submission: Submission = FIRST) -> list[str]:
    """Lines of one type's parts, in order."""
    folder = lake / submission.staged(official(kind, submission.facility))
    return "".join(gzip.decompress(path.read_bytes()).decode() for path in sorted(folder.iterdir())).splitlines()


def stored(lake: Path, submission: Submission = FIRST) -> verdict.Verdict:
    found = verdict.read(FolderStore(lake), submission)
    assert found is not None
    return found


def snapshot(lake: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(lake)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in lake.rglob("*")
        if path.is_file()
    }


def test_a_right_delivery_is_staged_line_for_line(tmp_path: Path) -> None:
    delivery().put(tmp_path)

    result = judged(tmp_path)

    assert result.counts == {
        "versions": 1,
        "judged": 1,
        "refused": 0,
        "files": 7,
        "records": 8,
        "bytes": 1298,
        "in_use": 1,
    }
    assert result.notes == ()
    assert staged(tmp_path, "FF4") == [
        "202504\t131000123\t1\tFF4_131000123_2504.txt\t1\t131000123\t0000000001\t20250401\t20250410\t1"
    ]
    assert staged(tmp_path, "EFn")[1] == (
        "202504\t131000123\t1\tEFn_131000123_2504.txt\t2\t131000123\t0000000001\t00000000\t20250401\t33\t0002\t000\t"
        "160000410\t130003510\tG001\t静脈内注射\t0\t000\t0\t0\t0\t\t00000034\t00000000\t00000000\t001\t  123456\t1111\t"
        "20250402\t01\t010\t1234567\tW1\t0\t0\t"
    )
    assert staged(tmp_path, "FF1") == [
        "202504\t131000123\t1\tFF1_131000123_2504.txt\t2\t131000123\t0000000001\t20250401\t0\t0\tA000010\t20140401\t0\t"
        "19500101\t1\t1600001\t\t\t\t\t\t"
    ]


def test_of_k_only_the_kept_columns_and_a_keyed_hash_leave_raw(tmp_path: Path) -> None:
    delivery(Kn=text(kn(FACILITY, "共通ID"), kn(FACILITY, ""))).put(tmp_path)

    judged(tmp_path)

    kept = "131000123\t0000000001\t20250401\t00000000\t202504\t195001"
    hashed = hmac.new(KEY, "共通ID".encode(), hashlib.sha256).hexdigest()
    assert staged(tmp_path, "Kn") == [
        f"202504\t131000123\t1\tKn_131000123_2504.txt\t1\t{kept}\t{hashed}",
        f"202504\t131000123\t1\tKn_131000123_2504.txt\t2\t{kept}\t",
    ]


ACCEPTED = {
    "LF": (text(ff4(FACILITY), ff4(FACILITY), end="\n"), 2),
    "no last line end": (text(ff4(FACILITY), ff4(FACILITY))[:-2], 2),
    "CR as last line end": (text(ff4(FACILITY), ff4(FACILITY))[:-1], 2),
    "CRLF and LF mixed": (text(ff4(FACILITY)) + text(ff4(FACILITY), end="\n"), 2),
    "0x1A after the last line": (text(ff4(FACILITY)) + b"\x1a", 1),
    "0x1A on the last line": (text(ff4(FACILITY))[:-2] + b"\x1a", 1),
    "0x1A to the end of a sector": (text(ff4(FACILITY)) + b"\x1a" * 400, 1),
    "no line": (b"", 0),
    "0x1A alone": (b"\x1a", 0),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_line_ends_of_every_kind_pass(case: str, tmp_path: Path) -> None:
    data, records = ACCEPTED[case]
    whole = delivery(FF4=data)
    document = whole.manifest()
    document["files"][1]["records"] = records
    whole.put(tmp_path, document)

    judged(tmp_path)

    assert (stored(tmp_path).verdict, stored(tmp_path).problems) == ("passed", ())
    expected = tabbed(FACILITY, "0000000001", "20250401", "20250410", "1")
    assert [line.split("\t", 5)[5] for line in staged(tmp_path, "FF4")] == [expected] * records


def test_values_are_kept_as_they_are(tmp_path: Path) -> None:
    odd = '"引用　符\\|\x1a\x0b\x85'.replace("\x85", "") + " '  "
    delivery(EFn=text(efn(FACILITY, name=odd), efn(FACILITY, name=""), efn(FACILITY, name="Null"))).put(tmp_path)

    judged(tmp_path)

    assert stored(tmp_path).passed
    data = b"".join(
        gzip.decompress(path.read_bytes()) for path in (tmp_path / FIRST.staged(official("EFn"))).iterdir()
    ).decode()
    assert [line.split("\t")[15] for line in data.split("\n")[:-1]] == [odd, "", "Null"]


def test_short_lines_of_ff1_and_h_are_padded(tmp_path: Path) -> None:
    delivery(FF1=text(FF1_HEADER, ff1(FACILITY).rstrip("\t")), Hn=text(HN_HEADER, hn(FACILITY).rstrip("\t"))).put(
        tmp_path
    )

    judged(tmp_path)

    assert stored(tmp_path).problems == ()
    assert [len(line.split("\t")) for line in staged(tmp_path, "FF1") + staged(tmp_path, "Hn")] == [22, 34]
    assert staged(tmp_path, "FF1")[0].endswith("\t19500101\t1\t1600001\t\t\t\t\t\t")


def warnings(lake: Path) -> list[tuple[str, str, int | None, int | None, str, str]]:
    assert stored(lake).verdict == "passed"
    return [(each.rule, each.file, each.line, each.column, each.expected, each.found) for each in stored(lake).problems]


def test_headers_are_found_wanted_or_not(tmp_path: Path) -> None:
    header = tabbed("施設コード", "データ識別番号", "入院年月日", "退院年月日", "組合せ")
    delivery(FF1=text(ff1(FACILITY)), FF4=text(header, ff4(FACILITY))).put(tmp_path)

    judged(tmp_path)

    assert warnings(tmp_path) == [
        ("F04", "FF1_131000123_2504.txt", 1, None, "a header line", "none: line 1 is read as data"),
        ("F04", "FF4_131000123_2504.txt", 1, None, "no header line", "a header line: not read as data"),
    ]
    assert [line.split("\t")[4] for line in staged(tmp_path, "FF1") + staged(tmp_path, "FF4")] == ["1", "2"]
    assert [(each.header, each.records) for each in stored(tmp_path).files[:2]] == [(False, 1), (True, 1)]


def test_a_header_line_alone_is_a_file_without_lines(tmp_path: Path) -> None:
    delivery(Hn=text(HN_HEADER)).put(tmp_path)

    judged(tmp_path)

    assert warnings(tmp_path) == []
    assert staged(tmp_path, "Hn") == []
    assert stored(tmp_path).files[5].parts == (FIRST.staged(official("Hn")) + "part-0000.tsv.gz",)


def test_values_over_the_layout_that_fit_are_reported(tmp_path: Path) -> None:
    name = "あ" * 128
    delivery(EFn=text(efn(FACILITY, name=name), efn(FACILITY))).put(tmp_path)

    judged(tmp_path)

    assert warnings(tmp_path) == [
        ("N04", "EFn_131000123_2504.txt", 1, 11, "at most 254 bytes", "256 bytes"),
    ]
    assert staged(tmp_path, "EFn")[0].split("\t")[15] == name


def test_widths_count_three_bytes_of_utf8_for_each_byte_of_the_layout(tmp_path: Path) -> None:
    """12 bytes of half-width kana fill the 12 bytes of the layout and 36 of the column."""
    delivery(EFn=text(efn(FACILITY).replace("160000410", "ｱ" * 12))).put(tmp_path)

    judged(tmp_path)

    assert warnings(tmp_path) == []
    assert staged(tmp_path, "EFn")[0].split("\t")[12] == "ｱ" * 12


def test_vendor_characters_and_gaiji_are_loaded_and_reported(tmp_path: Path) -> None:
    names = ("髙橋", "①点滴", "㈱薬品", "～－∥￤", "\ue000外字", "ｶﾅ≒∑")
    delivery(EFn=text(*(efn(FACILITY, name=name) for name in names))).put(tmp_path)

    judged(tmp_path)

    assert [(rule, line, column, found) for rule, _, line, column, _, found in warnings(tmp_path)] == [
        ("W10", 1, 11, "U+9AD9 髙"),
        ("W10", 2, 11, "U+2460 ①"),
        ("W10", 3, 11, "U+3231 ㈱"),
        ("W10", 4, 11, "U+FFE4 ￤"),
        ("W10", 5, 11, "U+E000 \\ue000"),
        ("W10", 6, 11, "U+2211 ∑"),
    ]
    assert [line.split("\t")[15] for line in staged(tmp_path, "EFn")] == list(names)


def test_problems_are_listed_to_a_hundred_and_counted(tmp_path: Path) -> None:
    short = efn(FACILITY).rsplit("\t", 1)[0]
    wide = efn(FACILITY, name="あ" * 128)
    delivery(EFn=text(*[wide] * 150, *[short] * 250)).put(tmp_path)

    judged(tmp_path)

    found = stored(tmp_path)
    assert [(each.rule, each.line) for each in found.problems] == [("F02", n) for n in range(151, 251)]
    assert found.problem_counts == {"EFn_131000123_2504.txt": {"F02": 250, "N04": 150}}


def test_a_second_run_does_nothing(tmp_path: Path) -> None:
    delivery().put(tmp_path)
    delivery(OTHER, 1, EFn=b"").put(tmp_path)
    first = judged(tmp_path)
    before = snapshot(tmp_path)

    second = judged(tmp_path)

    assert snapshot(tmp_path) == before
    assert second.versions == first.versions
    assert second.counts == {
        "versions": 2,
        "judged": 0,
        "refused": 1,
        "files": 0,
        "records": 0,
        "bytes": 0,
        "in_use": 1,
    }
    assert second.notes == first.notes


def test_lost_parts_are_made_again_and_strange_ones_removed(tmp_path: Path) -> None:
    delivery().put(tmp_path)
    judged(tmp_path)
    before = {key: data for key, (data, _) in snapshot(tmp_path).items()}
    folder = tmp_path / FIRST.staged(official("EFn"))

    (folder / "part-0000.tsv.gz").unlink()
    (folder / "part-0001.tsv.gz").write_bytes(b"left over")
    judged(tmp_path)
    assert {key: data for key, (data, _) in snapshot(tmp_path).items()} == before

    (folder / "part-0001.tsv.gz").write_bytes(b"left over")
    judged(tmp_path)
    assert {key: data for key, (data, _) in snapshot(tmp_path).items()} == before


def test_a_changed_folder_is_judged_again(tmp_path: Path) -> None:
    delivery(EFn=b"").put(tmp_path)
    judged(tmp_path)
    assert stored(tmp_path).verdict == "rejected"

    delivery().put(tmp_path)
    assert verdict.current(FolderStore(tmp_path), FIRST) is None
    judged(tmp_path)
    assert stored(tmp_path).verdict == "passed"

    (tmp_path / FIRST.raw / "memo.txt").write_bytes(b"")
    judged(tmp_path)
    assert stored(tmp_path).verdict == "rejected"
    assert list(FolderStore(tmp_path).list("stage/")) == []


def test_the_highest_version_that_passes_is_in_use(tmp_path: Path) -> None:
    delivery(version=1).put(tmp_path)
    delivery(version=2, FF4=text(ff4(FACILITY), ff4(FACILITY))).put(tmp_path)
    delivery(version=3, EFn=None).put(tmp_path)
    delivery(version=10, EFn=b"").put(tmp_path)

    result = judged(tmp_path)

    store = FolderStore(tmp_path)
    assert [each.version for each in verdict.submissions(store, MONTH)] == [1, 2, 3, 10]
    used = verdict.in_use(store, MONTH, FACILITY)
    assert used is not None
    assert used.version == 2
    assert (result.counts["judged"], result.counts["refused"], result.counts["in_use"]) == (3, 2, 1)
    assert [note.split(":")[0] for note in result.notes] == ["131000123 v3", "131000123 v10"]


def test_the_data_version_is_that_of_the_files_in_use(tmp_path: Path) -> None:
    delivery(version=1).put(tmp_path)
    one = judged(tmp_path).versions
    delivery(version=2).put(tmp_path)
    unchanged = judged(tmp_path).versions
    delivery(version=3, FF4=text(ff4(FACILITY), ff4(FACILITY))).put(tmp_path)
    changed = judged(tmp_path).versions

    assert one == unchanged != changed
    assert one.keys() == {"raw/submissions"}


def test_k_without_a_key_is_refused_until_there_is_one(tmp_path: Path) -> None:
    delivery().put(tmp_path)

    def none() -> bytes:
        raise InputError("DPC_ID_KEY is not set")

    nothing = NoWarehouse()
    judged(tmp_path, Ports(FolderStore(tmp_path), nothing, lambda: NOW, nothing, none))
    assert [(each.rule, each.file, each.line) for each in stored(tmp_path).problems] == [
        ("K02", "Kn_131000123_2504.txt", None)
    ]
    assert list(FolderStore(tmp_path).list("stage/")) == []

    judged(tmp_path)
    assert stored(tmp_path).passed


class SometimesRefusing(FolderStore):
    """A lake where one facility's files cannot be read."""

    def open(self, key: str) -> io.BufferedReader:  # type: ignore[override]
        if f"/{FACILITY}/" in key and key.startswith("raw/"):
            raise RetryLater(f"{key}: S3 refused (SlowDown); check access and run again")
        return super().open(key)  # type: ignore[return-value]


def test_refused_access_is_an_error_of_the_step_and_no_verdict(tmp_path: Path) -> None:
    delivery().put(tmp_path)
    delivery(OTHER).put(tmp_path)
    nothing = NoWarehouse()
    world = Ports(SometimesRefusing(tmp_path), nothing, lambda: NOW, nothing, lambda: KEY)

    for step in (validate_manifest, normalize):
        with pytest.raises(RetryLater, match="SlowDown"):
            step.run(JUDGE, world)

    assert verdict.read(world.store, FIRST) is None
    assert stored(tmp_path, Submission(MONTH, OTHER, 1)).passed


def test_files_outside_any_version_are_told(tmp_path: Path) -> None:
    delivery().put(tmp_path)
    (tmp_path / f"raw/yyyymm={MONTH}/{FACILITY}/FF1_131000123_2504.txt").write_bytes(b"")
    (tmp_path / f"raw/yyyymm={MONTH}/13100012/v1").mkdir(parents=True)
    (tmp_path / f"raw/yyyymm={MONTH}/13100012/v1/_manifest.json").write_bytes(b"")

    result = validate_manifest.run(JUDGE, ports(tmp_path))

    assert result.counts == {"versions": 1, "known": 0, "rejected": 0, "strays": 2}
    assert result.notes == (
        "raw/yyyymm=2025-04/13100012/v1/_manifest.json: in no version's folder, ignored",
        "raw/yyyymm=2025-04/131000123/FF1_131000123_2504.txt: in no version's folder, ignored",
    )


def test_a_month_before_any_layout_is_an_error_of_the_call(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no record layout is known for 2024-03"):
        normalize.run(Run("run-1", ("2024-03",)), ports(tmp_path))


def test_large_files_are_cut_into_parts_of_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normalize, "PART_BYTES", 1 << 20)
    many = text(*(efn(FACILITY, f"{n % 9999 + 1:04d}") for n in range(12_000)))
    delivery(EFn=many).put(tmp_path / "a")
    delivery(EFn=many).put(tmp_path / "b")

    judged(tmp_path / "a")
    judged(tmp_path / "b")

    parts = stored(tmp_path / "a").files[2].parts
    assert [part.rsplit("/", 1)[1] for part in parts] == [
        "part-0000.tsv.gz",
        "part-0001.tsv.gz",
        "part-0002.tsv.gz",
    ]
    assert [(tmp_path / "a" / part).read_bytes() for part in parts] == [
        (tmp_path / "b" / part).read_bytes() for part in parts
    ]
    whole = staged(tmp_path / "a", "EFn")
    assert [int(line.split("\t")[4]) for line in whole] == list(range(1, 12_001))
    assert gzip.decompress((tmp_path / "a" / parts[0]).read_bytes()).endswith(b"\n")
    header = (tmp_path / "a" / parts[0]).read_bytes()[:10]
    assert header[4:8] == bytes(4)  # no time in the gzip header


def test_a_verdict_that_cannot_be_read_is_made_again(tmp_path: Path) -> None:
    delivery().put(tmp_path)
    judged(tmp_path)
    path = tmp_path / FIRST.verdict
    right = path.read_bytes()
    for wrong in (b"", b"{}", b"[]", right[:100], json.dumps(json.loads(right) | {"schema": "dpc-verdict/0"}).encode()):
        path.write_bytes(wrong)
        judged(tmp_path)
        assert path.read_bytes() == right


def test_names_that_no_encoding_has_do_not_stop_the_judge(tmp_path: Path) -> None:
    delivery().put(tmp_path)
    (tmp_path / FIRST.raw / "memo\udcff\n.txt").write_bytes(b"")

    judged(tmp_path)

    assert [(each.rule, each.file) for each in stored(tmp_path).problems] == [("M04", "memo\\udcff\\n.txt")]


def test_the_step_runs_without_any_installed_package() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import dpc_assets.steps.normalize, dpc_assets.submit"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


# The fast path against the definition, line by line.

values = st.sampled_from(
    (
        "131000123",
        "271000456",
        "0000000001",
        "20250401",
        "00000000",
        "1",
        "",
        "あ" * 5,
        "ｱ",
        "x" * 11,
        "y" * 31,
        "①",
        "é",
    )
)


def plainly(data: bytes) -> tuple[int, list[str], bool]:
    """Records, accepted lines and whether nothing is fatal, of an FF4 file, by the plainest possible reading."""
    body = data.rstrip(b"\x1a") if b"\x1a" in data[-1:] else data
    whole = body.split(b"\n")
    if whole[-1] == b"":
        whole.pop()
    records, accepted, right = 0, [], True
    for number, line in enumerate(whole, 1):
        line = line.removesuffix(b"\r")
        first = line.split(b"\t")[0]
        if number == 1 and first and not first.isdigit():
            right = b"\0" not in line and line.decode("cp932", "replace").count("\ufffd") == 0
            continue
        records += line != b""
        cells = line.split(b"\t")
        try:
            decoded = [cell.decode("cp932") for cell in cells]
        except UnicodeDecodeError:
            right = False
            continue
        fits = all(len(cell.encode()) <= 3 * width for cell, width in zip(decoded, (9, 10, 8, 8, 1), strict=False))
        if len(cells) != 5 or b"\r" in line or b"\0" in line or cells[0] != b"131000123" or not fits:
            right = False
        elif right:
            accepted.append(f"p\t{number}\t" + "\t".join(decoded))
    return records, accepted, right


@settings(max_examples=400)
@given(
    st.lists(
        st.lists(values, min_size=4, max_size=6) | st.just(["131000123", "0000000001", "20250401", "20250410", "1"]),
        max_size=12,
    ),
    st.sampled_from((b"\n", b"\r\n", b"\r\r\n")),
    st.sampled_from((b"", b"\x1a", b"\0", b"\x81", b"\r", b"\n")),
    st.integers(1, 40),
)
def test_the_fast_reading_equals_the_plain_one(rows: list[list[str]], end: bytes, tail: bytes, chunk: int) -> None:
    data = b"".join("\t".join(row).encode("cp932", "replace") + end for row in rows) + tail
    out: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "CHUNK", chunk)
        found = lines.scan(
            io.BytesIO(data),
            layout("FF4", MONTH),
            file="FF4_131000123_2504.txt",
            facility=FACILITY,
            month=MONTH,
            text=lines.Text("p\t", out.append, str),
        )
    records, accepted, right = plainly(data)

    assert found.records == records
    assert found.fatal != right
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.bytes == len(data)
    assert b"".join(out).decode().split("\n")[:-1] == accepted


def test_a_delivery_is_the_same_whatever_order_its_files_are_listed_in(tmp_path: Path) -> None:
    whole = delivery()
    turned = Delivery(dict(reversed(whole.files.items())))
    whole.put(tmp_path / "a")
    turned.put(tmp_path / "b")
    judged(tmp_path / "a")
    judged(tmp_path / "b")

    assert stored(tmp_path / "a").files == stored(tmp_path / "b").files
