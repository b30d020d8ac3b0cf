"""Every file has the official shape: columns, widths, codes, line ends, header lines, manifest."""

from __future__ import annotations

import hashlib
import json
import re
from importlib.resources import files

import jsonschema
import pytest
from sample_lake import Lake

from dpc_assets.formats.registry import FILE_TYPES, layout, parse_file_name

ONLY_CP932 = re.compile("[①㈱髙～]")


@pytest.mark.parametrize("file_type", FILE_TYPES)
def test_every_line_has_the_columns_of_the_registry(lake: Lake, file_type: str) -> None:
    seen = 0
    for folder in lake.folders():
        if folder.has(file_type):
            wanted = len(layout(file_type, folder.month).fields)
            assert {len(line) for line in folder.lines(file_type)} == {wanted}
            seen += 1
    assert seen > 0


@pytest.mark.parametrize("file_type", FILE_TYPES)
def test_values_keep_their_widths(lake: Lake, file_type: str) -> None:
    for folder in lake.in_use():
        if not folder.has(file_type):
            continue
        fields = layout(file_type, folder.month).fields
        for field, values in zip(fields, zip(*folder.lines(file_type), strict=True), strict=True):
            widths = {len(value.encode("cp932")) for value in set(values)}
            if field.max_bytes is not None:
                assert max(widths) <= field.max_bytes, field.name
                if field.fixed:
                    assert widths <= {0, field.max_bytes}, field.name


@pytest.mark.parametrize("file_type", ["FF4", "Dn", "Kn"])
def test_required_columns_are_filled(lake: Lake, file_type: str) -> None:
    for folder in lake.in_use():
        if folder.has(file_type):
            fields = layout(file_type, folder.month).fields
            for field, values in zip(fields, zip(*folder.lines(file_type), strict=True), strict=True):
                if field.required == "always":
                    assert all(values), field.name


def test_lines_end_with_crlf_and_only_ff1_and_hn_have_a_header(lake: Lake) -> None:
    for folder in lake.folders():
        for file_type in FILE_TYPES:
            if folder.has(file_type):
                data = folder.data(file_type)
                assert data.endswith(b"\r\n")
                assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
                first = data.split(b"\t")[0].decode("cp932")
                assert first == ("施設コード" if file_type in ("FF1", "Hn") else folder.facility)


def test_files_are_cp932_and_hold_characters_that_only_cp932_has(lake: Lake) -> None:
    found = set()
    for folder in lake.folders():
        for file_type in FILE_TYPES:
            if folder.has(file_type):
                text = folder.data(file_type).decode("cp932")
                assert text.encode("cp932") == folder.data(file_type)
                found.update(ONLY_CP932.findall(text))
    assert found == {"①", "㈱", "髙", "～"}


def test_insurer_numbers_are_padded_with_spaces_on_the_left(lake: Lake) -> None:
    numbers = {row["insurer_number"] for row in lake.rows("EFn") if row["detail_number"] == "000"}
    assert all(re.fullmatch(r"[0-9]{8}|  [0-9]{6}|    [0-9]{4}", number) for number in numbers)
    assert {len(number.strip()) for number in numbers} == {4, 6, 8}


def test_manifests_obey_the_schema_and_agree_with_the_files(lake: Lake) -> None:
    schema = json.loads((files("dpc_assets.steps") / "manifest.schema.json").read_text(encoding="utf-8"))
    for folder in lake.folders():
        manifest = folder.manifest
        jsonschema.validate(manifest, schema)
        assert manifest["facility_code"] == folder.facility
        assert manifest["yyyymm"] == folder.month.replace("-", "")
        assert manifest["version"] == folder.version
        delivered = {path.name for path in folder.path.iterdir()} - {"_manifest.json"}
        assert {entry["name"] for entry in manifest["files"]} == delivered
        for entry in manifest["files"]:
            name = parse_file_name(entry["name"])
            assert name is not None
            assert (name.file_type, name.facility, name.month) == (entry["type"], folder.facility, folder.month)
            data = folder.data(entry["type"])
            assert entry["bytes"] == len(data)
            assert entry["sha256"] == hashlib.sha256(data).hexdigest()
            assert entry["records"] == len(folder.lines(entry["type"]))


def test_the_last_of_three_hospitals_is_no_dpc_hospital(lake: Lake) -> None:
    types = {folder.facility: {t for t in FILE_TYPES if folder.has(t)} for folder in lake.in_use()}
    everything = set(FILE_TYPES)
    assert types == {
        "131000123": everything,
        "271000456": everything,
        "011000789": everything - {"Dn", "EFg"},
    }


def test_the_first_month_of_the_first_hospital_is_resubmitted(lake: Lake) -> None:
    versions = [(f.month, f.facility, f.version) for f in lake.folders() if f.version > 1]
    assert versions == [("2025-04", "131000123", 2)]
    first, second = [f for f in lake.folders() if (f.month, f.facility) == ("2025-04", "131000123")]
    assert first.manifest["created_at"] == "2025-05-18T10:00:00+09:00"
    assert second.manifest["created_at"] == "2025-07-02T10:00:00+09:00"
    assert {t for t in FILE_TYPES if first.data(t) != second.data(t)} == {"FF1"}
    changed = [
        (old["payload_code"], old["payload_4"])
        for old, new in zip(first.rows("FF1"), second.rows("FF1"), strict=True)
        if old != new
    ]
    assert set(changed) == {("A006010", "0000999")}
