"""Whatever bytes a file holds, normalize answers with a verdict; what it accepts reaches stage/ unchanged."""

import gzip
import hashlib
import hmac
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest
from generated_lakes import HEADER, Version, deliver, encoded, row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dpc_assets.formats.registry import FILE_TYPES, layout
from dpc_assets.steps import normalize, validate_manifest, verdict
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.ports import Notifier, Ports, Warehouse
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import open_store
from dpc_assets.steps.verdict import Verdict

MONTH, FACILITY = "2025-06", "139990101"
KEY = b"a key of thirty-two bytes or more"
QUIET = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
ROOMY = 60  # characters: more than any layout's narrow columns hold, less than the widest


class _Untouched:
    """A port that these steps must not use."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"{name}: not a port of normalize")


def judged(files: Mapping[str, bytes]) -> tuple[Verdict, dict[str, list[list[str]]]]:
    """The verdict of one version with these files, and what stands in stage/, provenance included."""
    untouched: Any = _Untouched()
    warehouse: Warehouse = untouched
    notifier: Notifier = untouched
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder)
        deliver(lake, Version(MONTH, FACILITY, 1, 0, "2025-07-01T00:00:00Z"), files)
        store = open_store(folder)
        ports = Ports(store, warehouse, lambda: datetime(2025, 8, 1, tzinfo=UTC), notifier, lambda: KEY)
        run = Run("property", (MONTH,))
        validate_manifest.run(run, ports)
        normalize.run(run, ports)
        found = verdict.current(store, Submission(MONTH, FACILITY, 1))
        assert found is not None
        staged = {
            each.type: [
                line.split("\t")
                for part in each.parts
                for line in gzip.decompress(store.read(part)).decode("utf-8").split("\n")[:-1]
            ]
            for each in found.files
        }
        present = {each.key for each in store.list("stage/")}
        assert present == {part for each in found.files for part in each.parts}
        return found, staged


def expected(file_type: str, data: bytes) -> list[list[str]]:
    """What raw must hold of an accepted file: line number, then the delivered fields, short lines padded."""
    fields = layout(file_type, MONTH).fields
    kept = [at for at, each in enumerate(fields) if each in layout(file_type, MONTH).raw_fields]
    lines = data.rstrip(b"\x1a").split(b"\n")
    lines = lines[:-1] if lines[-1] == b"" else lines
    found = []
    for number, line in enumerate(lines, 1):
        values = [value.decode("cp932") for value in line.removesuffix(b"\r").split(b"\t")]
        if number == 1 and values[0] and not line.removesuffix(b"\r").split(b"\t")[0].isdigit():
            continue
        values += [""] * (len(fields) - len(values))
        if file_type == "Kn" and values[6]:
            values[6] = hmac.digest(KEY, values[6].encode("utf-8"), hashlib.sha256).hex()
        found.append([str(number), *(values[at] for at in kept)])
    return found


def check(files: Mapping[str, bytes]) -> bool:
    """Whether the version passed; what stands in stage/ is right either way."""
    found, staged = judged(files)
    assert found.verdict in ("passed", "rejected")
    if not found.passed:
        assert found.problems
        assert not any(staged.values())
        return False
    for file_type, data in files.items():
        lines = staged[file_type]
        assert [line[4:] for line in lines] == expected(file_type, data)
        name = f"{file_type}_{FACILITY}_2506.txt"
        assert {tuple(line[:4]) for line in lines} <= {("202506", FACILITY, "1", name)}
    return True


# files

_wide = "髙①～－㈱\\\"'|ｱ漢～ 　é"
_text = st.text(
    st.one_of(
        st.sampled_from(_wide.replace("é", "")),
        st.characters(codec="cp932", exclude_characters="\t\r\n\0\x80¢£¬‖−〜"),
    ),
    max_size=ROOMY,
)


def valid_row(file_type: str, values: Sequence[str]) -> tuple[str, ...]:
    """A line with the key columns that F01 and F05 look at, and `values` in some others."""
    fields = [each.name for each in layout(file_type, MONTH).fields]
    fixed = {"facility_code": FACILITY}
    if "service_date" in fields:
        fixed["service_date"] = "20250615"
    others = {name: value for name, value in zip(fields[1:], values, strict=False) if name not in fixed}
    return row(file_type, **fixed, **others)


def lines_of(file_type: str) -> st.SearchStrategy[bytes]:
    width = len(layout(file_type, MONTH).fields)
    values = st.lists(st.one_of(st.just(""), st.just("0"), _text), max_size=width)
    rows = st.lists(values.map(lambda found: valid_row(file_type, found)), min_size=1, max_size=4)
    return st.builds(
        lambda found, ending, last, close, header: _spelled(file_type, found, ending, last, close, header),
        rows,
        st.sampled_from(("\r\n", "\n")),
        st.booleans(),
        st.sampled_from((b"", b"\x1a", b"\x1a\x1a")),
        st.booleans(),
    )


def _spelled(
    file_type: str, rows: Sequence[Sequence[str]], ending: str, last: bool, close: bytes, header: bool
) -> bytes:
    lines = ["\t".join(each) for each in rows]
    if header:
        lines.insert(0, HEADER["FF1"])
    if layout(file_type, MONTH).pad:
        lines = [line.rstrip("\t") for line in lines]
    text = ending.join(lines) + (ending if last else "")
    return text.encode("cp932") + close


def damaged(whole: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """A valid file with bytes put in, taken out or changed."""
    junk = st.one_of(
        st.binary(max_size=6), st.sampled_from((b"\0", b"\t", b"\n", b"\r", b"\x1a", b"\x81", b"\xf0\x40", b"\xa0"))
    )

    def spoil(data: bytes, at: float, gone: int, put: bytes) -> bytes:
        where = int(at * len(data))
        return data[:where] + put + data[where + gone :]

    return st.builds(spoil, whole, st.floats(0, 1), st.integers(0, 3), junk)


def any_file(file_type: str) -> st.SearchStrategy[bytes]:
    whole = lines_of(file_type)
    return st.one_of(whole, damaged(whole), damaged(damaged(whole)), st.binary(max_size=400))


def plain(file_type: str) -> bytes:
    return encoded(file_type, [valid_row(file_type, ["0000000001", "20250601"])])


def one_odd_file(make: Any) -> st.SearchStrategy[dict[str, bytes]]:
    """FF1 and EFn that pass, and one file of any type made by `make`."""
    usual = {"FF1": plain("FF1"), "EFn": plain("EFn")}
    return st.sampled_from(FILE_TYPES).flatmap(lambda kind: make(kind).map(lambda data: usual | {kind: data}))


@settings(max_examples=60, derandomize=True, **QUIET)
@given(one_odd_file(any_file))
def test_any_bytes_get_a_verdict_and_accepted_files_arrive_whole(files: dict[str, bytes]) -> None:
    check(files)


@settings(max_examples=60, derandomize=True, **QUIET)
@given(one_odd_file(lines_of))
def test_lines_with_odd_text_arrive_as_delivered(files: dict[str, bytes]) -> None:
    check(files)


@pytest.mark.soak
@settings(max_examples=4000, **QUIET)
@given(one_odd_file(any_file))
def test_many_bytes_get_a_verdict(files: dict[str, bytes]) -> None:
    check(files)


@pytest.mark.soak
@settings(max_examples=1500, **QUIET)
@given(st.fixed_dictionaries({kind: any_file(kind) for kind in FILE_TYPES}))
def test_deliveries_of_odd_files_only(files: dict[str, bytes]) -> None:
    check(files)


def test_the_plain_delivery_passes() -> None:
    assert check({kind: plain(kind) for kind in FILE_TYPES})
