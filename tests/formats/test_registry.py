"""The registry: the specification's figures as literals, effective dates, and its tables where present."""

import csv
from pathlib import Path

import pytest

from dpc_assets.formats import ddl, registry

SPEC = Path(__file__).parents[3] / "shared" / "dpc-spec" / "layouts"


@pytest.mark.parametrize(
    ("file_type", "columns"),
    [("FF1", 17), ("FF4", 5), ("EFn", 31), ("EFg", 31), ("Dn", 30), ("Hn", 29), ("Kn", 11)],
)
def test_columns_of_each_type(file_type: str, columns: int) -> None:
    layout = registry.layout(file_type, "2025-04")
    assert len(layout.fields) == columns
    assert [field.position for field in layout.fields] == list(range(1, columns + 1))


@pytest.mark.parametrize(("file_type", "width"), [("EFn", 451), ("Dn", 446)])
def test_widths_add_up_to_the_totals_of_the_specification(file_type: str, width: int) -> None:
    assert sum(field.max_bytes or 0 for field in registry.layout(file_type, "2025-04").fields) == width


def test_payload_codes() -> None:
    ff1 = registry.layout("FF1", "2025-06").payloads
    assert len({payload.code for payload in ff1}) == 71
    assert len(ff1) == 236
    assert {payload.version for payload in ff1} == {
        "20140401",
        "20160401",
        "20180401",
        "20200401",
        "20220401",
        "20240601",
    }
    hn = registry.layout("Hn", "2025-06").payloads
    assert {payload.version for payload in hn if payload.code == "TAR0010"} == {"20180401"}
    assert {payload.version for payload in hn if payload.code == "ASS0013"} == {"20240601"}
    assert {p.max_sequence for p in ff1 if p.code == "A007010"} == {10}
    assert {p.max_sequence for p in ff1 if p.code == "FIM0020"} == {12}


def test_a_month_before_the_first_layout_is_refused_with_what_is_known() -> None:
    with pytest.raises(
        registry.UnknownLayout, match=r"^EFn: no record layout is known for 2024-05; known: 2025-04\.\.$"
    ):
        registry.layout("EFn", "2024-05")


def test_layouts_follow_each_other_by_month(tmp_path: Path) -> None:
    head = "position,name_en,name_ja,type,max_bytes,fixed,required,unit,null_rule,codes,source_page\n"
    (tmp_path / "old.csv").write_text(head + "1,facility_code,施設コード,char,9,yes,always,,,,1\n", encoding="utf-8")
    (tmp_path / "new.csv").write_text(head + "1,facility_code,施設コード,char,10,yes,always,,,,1\n", encoding="utf-8")
    entry = '[[layout]]\nfile_type = "FF4"\ntitle_en = "t"\ntitle_ja = "t"\nsort_key = []\nsource_page = "1"\n'
    (tmp_path / "index.toml").write_text(
        f'{entry}columns = "old.csv"\nvalid_from = "2025-04"\nvalid_to = "2026-03"\n'
        f'{entry}columns = "new.csv"\nvalid_from = "2026-04"\n',
        encoding="utf-8",
    )
    old, new = registry.read_layouts(tmp_path)
    assert [old.valid("2025-03"), old.valid("2025-04"), old.valid("2026-03"), old.valid("2026-04")] == [
        False,
        True,
        True,
        False,
    ]
    assert [new.valid("2026-03"), new.valid("2026-04"), new.valid("2030-01")] == [False, True, True]
    assert (old.fields[0].varchar, new.fields[0].varchar) == (27, 30)


def test_file_names() -> None:
    assert registry.file_name("EFn", "131000123", "2025-06") == "EFn_131000123_2506.txt"
    assert registry.parse_file_name("EFn_131000123_2506.txt") == registry.FileName("EFn", "131000123", "2025-06")
    for name in (
        "efn_131000123_2506.txt",
        "EFn_131000123_2513.txt",
        "EFn_13100012_2506.txt",
        "Kn_131000123_2506.csv",
        "EFn_131000123_2506.txt\n",
    ):
        assert registry.parse_file_name(name) is None


def test_raw_ff4_in_redshift_sql() -> None:
    assert ddl.raw_table("FF4") == (
        "CREATE TABLE IF NOT EXISTS raw.ff4 (\n"
        "  submission_yyyymm VARCHAR(6) NOT NULL,\n"
        "  submission_facility VARCHAR(9) NOT NULL,\n"
        "  submission_version INTEGER NOT NULL,\n"
        "  file_name VARCHAR(64) NOT NULL,\n"
        "  line_no BIGINT NOT NULL,\n"
        "  facility_code VARCHAR(27) NOT NULL,\n"
        "  patient_data_id VARCHAR(30) NOT NULL,\n"
        "  admission_date VARCHAR(24) NOT NULL,\n"
        "  discharge_date VARCHAR(24) NOT NULL,\n"
        "  insurance_combination VARCHAR(3) NOT NULL\n"
        ")\n"
        "DISTSTYLE KEY DISTKEY (patient_data_id)\n"
        "COMPOUND SORTKEY (submission_yyyymm, submission_facility, patient_data_id, admission_date)"
    )


def test_raw_kn_holds_no_insurer_and_room_for_the_hashed_id() -> None:
    columns = dict(ddl.raw_columns("Kn"))
    assert not {"insurer_number", "insured_symbol", "insured_number", "insured_branch"} & columns.keys()
    assert columns["primary_common_id"] == "VARCHAR(192)"


@pytest.mark.skipif(
    not SPEC.is_dir(), reason="the specification's tables (../shared/dpc-spec) are not beside this checkout"
)
@pytest.mark.parametrize("file_type", registry.FILE_TYPES)
def test_registry_equals_the_specification(file_type: str) -> None:
    with (SPEC / f"{file_type}.csv").open(encoding="utf-8-sig") as stream:
        expected = [
            (int(r["position"]), r["name_en"], r["name_ja"], r["type"], r["max_length"]) for r in csv.DictReader(stream)
        ]
    layout = registry.layout(file_type, "2025-04")
    assert [(f.position, f.name, f.name_ja, f.kind, str(f.max_bytes or "")) for f in layout.fields] == expected
    if layout.payloads:
        with (SPEC / f"{file_type}_payload_codes.csv").open(encoding="utf-8-sig") as stream:
            rows = [
                (r["code"], r["version"], int(r["payload_no"]), r["payload_name_en"]) for r in csv.DictReader(stream)
            ]
        assert [(p.code, p.version, p.number, p.name) for p in layout.payloads] == rows
