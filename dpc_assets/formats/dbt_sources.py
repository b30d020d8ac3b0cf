"""dbt files made from the registry: the raw sources, the typed stage models and their descriptions.

`python -m dpc_assets.formats.dbt_sources dbt` writes them into the dbt project; `--check` only compares and exits 1
where one is out of date. What a column is called, means and holds stands in the registry once.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from dpc_assets.formats.ddl import raw_columns
from dpc_assets.formats.registry import FILE_TYPES, PROVENANCE, Field, Layout, Payload, newest

_HEAD = "{0} Made by `python -m dpc_assets.formats.dbt_sources dbt` from the registry of record layouts.{1}\n"

_PROVENANCE = {
    "submission_yyyymm": ("Month of the submission, yyyymm", "提出データの年月"),
    "submission_facility": ("Facility code of the submission's folder, 9 digits", "提出施設コード"),
    "submission_version": ("Version of the submission that is in use", "提出バージョン"),
    "file_name": ("Official name of the delivered file", "提出ファイル名"),
    "line_no": ("Physical line in the delivered file, from 1", "ファイル内の行番号"),
}


@dataclass(frozen=True)
class Column:
    """One column of a generated model: `sql` computes it, `en` and `ja` describe it."""

    name: str
    sql: str
    en: str
    ja: str

    @property
    def description(self) -> str:
        return f"{self.en} ({self.ja})"


@dataclass(frozen=True)
class Model:
    """One stage model: rows of `source` (a raw table or a stage model), one row per raw line that `where` keeps."""

    name: str
    file_type: str
    source: str
    where: str
    en: str
    ja: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Family:
    """Records of FF1 or H whose payload has the same meaning; `prefixes` are cut from payload names (long models)."""

    name: str
    file_type: str
    codes: tuple[str, ...]
    en: str
    ja: str
    prefixes: tuple[str, ...] = ()


FAMILIES = (
    Family("stg_ff1_patient", "FF1", ("A000010",), "Patient attributes", "患者属性"),
    Family("stg_ff1_admission", "FF1", ("A000020",), "Admission", "入院情報"),
    Family("stg_ff1_discharge", "FF1", ("A000030",), "Discharge", "退院情報"),
    Family("stg_ff1_period", "FF1", ("A000031",), "Period that the form covers", "様式1対象期間"),
    Family("stg_ff1_department", "FF1", ("A000040",), "Department", "診療科"),
    Family("stg_ff1_ward_group", "FF1", ("A000050",), "Ward groups of the stay", "病棟"),
    Family("stg_ff1_readmission", "FF1", ("A000080",), "Readmission survey", "再入院調査"),
    Family(
        "stg_ff1_diagnosis",
        "FF1",
        ("A006010", "A006020", "A006030", "A006031", "A006040", "A006050"),
        "Diagnoses, one row each: payload_code tells main (A006010), admission trigger (A006020), most (A006030) and "
        "second most resources (A006031), comorbidity (A006040), complication (A006050)",
        "診断情報",
        ("most_resource_disease_",),
    ),
    Family("stg_ff1_surgery", "FF1", ("A007010",), "Surgeries", "手術情報"),
    Family("stg_hn_target", "Hn", ("TAR0010",), "Who is assessed for nursing need on the day", "判定対象"),
    Family("stg_hn_a", "Hn", ("ASS0013",), "Nursing need A items, general wards (I)", "A項目"),
    Family("stg_hn_b", "Hn", ("ASS0021", "ASS0051", "ASS0071"), "Nursing need B items", "B項目"),
)
"""Payload families that have a model of their own. Other codes stay in stg_ff1 and stg_hn with their payload text."""

_LONG = {"most_resource_disease_": "A006030"}


def _words(name: str) -> str:
    text = name.replace("_", " ")
    return text[0].upper() + text[1:]


def _typed(name: str, source: str, kind: str) -> str:
    macro = {"date8": "date8", "int": "int", "decimal": "decimal"}.get(kind, "text")
    if name == "hospital_coefficient":
        macro = "coefficient"
    return f"{{{{ {macro}('{source}') }}}}"


def _values(name: str, source: str, kind: str, en: str, ja: str) -> tuple[Column, ...]:
    """The column, and what stands beside it where a date may have unknown parts (spec p42, p201)."""
    typed = Column(name, _typed(name, source, kind), en, ja)
    if name == "birth_date":
        return (
            typed,
            Column("birth_date_text", f"{{{{ text('{source}') }}}}", "Birth date as delivered", "生年月日（原文）"),
            Column("birth_year", f"{{{{ year_of('{source}') }}}}", "Birth year, also of a partly known date", "生年"),
        )
    if name == "visit_date":
        month = f"case when {source} ~ '^[0-9]{{8}}$' then substring({source}, 1, 6) end"
        return (typed, Column("visit_month", month, "Month of the visit, also of SY rows (yyyymm00)", "受診年月"))
    return (typed,)


def _note(codes: str, page: str) -> str:
    return (f"; {codes}" if codes else "") + (f"; spec p{page}" if page else "")


def _provenance() -> tuple[Column, ...]:
    return tuple(Column(name, name, *_PROVENANCE[name]) for name in PROVENANCE)


def _line_column(field: Field, layout: Layout) -> tuple[Column, ...]:
    en = _words(field.name) + _note(field.codes, field.source_page)
    if field.name in layout.hashed:
        en = f"{_words(field.name)} as a keyed HMAC-SHA-256, 64 hex digits"
    return _values(field.name, field.name, field.kind, en, field.name_ja)


def line_model(file_type: str) -> Model:
    """The line-level model: every raw line has exactly one row."""
    layout = newest(file_type)
    columns = _provenance() + tuple(c for f in layout.raw_fields for c in _line_column(f, layout))
    name = file_type.lower()
    return Model(
        name=f"stg_{name}",
        file_type=file_type,
        source=f"{{{{ source('raw', '{name}') }}}}",
        where="",
        en=f"{layout.title_en}, typed. Grain: one row per delivered line of the version in use",
        ja=f"{layout.title_ja}。粒度: 提出ファイルの1行につき1行",
        columns=columns,
    )


def _payload_column(payload: Payload, taken: frozenset[str], prefix: str) -> tuple[Column, ...]:
    name = payload.name.removeprefix(prefix)
    name = {"name": "disease_name"}.get(name, name)
    name = f"payload_{name}" if name in taken else name
    en = _words(name) + _note(payload.codes, payload.source_page)
    return _values(name, f"payload_{payload.number}", payload.kind, en, payload.name_ja)


def family_model(family: Family) -> Model:
    """One payload family: the header columns of its line-level model, then the payload fields that have a meaning."""
    layout = newest(family.file_type)
    header = tuple(f for f in layout.raw_fields if not f.name.startswith("payload_") or f.name[8:].isalpha())
    keys = tuple(Column(f.name, f.name, _words(f.name) + _note(f.codes, f.source_page), f.name_ja) for f in header)
    prefix = family.prefixes[0] if family.prefixes else ""
    code = _LONG.get(prefix, family.codes[0])
    taken = frozenset(f.name for f in header)
    payloads = tuple(
        column
        for payload in layout.payloads
        if payload.code == code and payload.name != "reserved_blank"
        for column in _payload_column(payload, taken, prefix)
    )
    codes = ", ".join(f"'{each}'" for each in family.codes)
    return Model(
        name=family.name,
        file_type=family.file_type,
        source=f"{{{{ ref('stg_{family.file_type.lower()}') }}}}",
        where=f"payload_code in ({codes})",
        en=f"{family.en}. Grain: one row per delivered line with the code {', '.join(family.codes)}",
        ja=f"{family.ja}。粒度: 該当コードの1行につき1行",
        columns=_provenance() + keys + payloads,
    )


def models() -> tuple[Model, ...]:
    """Every generated stage model, line-level ones first."""
    return tuple(line_model(each) for each in FILE_TYPES) + tuple(family_model(each) for each in FAMILIES)


def model_sql(model: Model) -> str:
    """The model's file: explicit columns, rows of the months asked for."""
    width = max(len(column.sql) for column in model.columns if len(column.sql) < 50)
    columns = ",\n".join(
        f"    {column.sql}" if column.sql == column.name else f"    {column.sql.ljust(width)} as {column.name}"
        for column in model.columns
    )
    where = "{{ in_months() }}" + (f"\n    and {model.where}" if model.where else "")
    head = _HEAD.format("--", "")
    return f"{head}select\n{columns}\nfrom {model.source}\nwhere {where}\n"


def _yaml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _described(name: str, description: str, ja: str, indent: str) -> str:
    return (
        f"{indent}- name: {name}\n{indent}  description: {_yaml(description)}\n"
        f"{indent}  config: {{meta: {{ja: {_yaml(ja)}}}}}\n"
    )


def sources_yml() -> str:
    """`sources_raw.yml` part of the registry: the seven raw tables with their columns."""
    text = _HEAD.format("#", "") + "version: 2\nsources:\n  - name: raw\n    schema: raw\n"
    text += '    description: "Delivered lines as text, loaded by copy_raw (提出ファイルの原文)"\n    tables:\n'
    for file_type in FILE_TYPES:
        layout = newest(file_type)
        by_name = {f.name: f for f in layout.raw_fields}
        grain = "Grain: one row per delivered line of the version in use"
        text += f"      - name: {file_type.lower()}\n"
        text += f"        description: {_yaml(f'{layout.title_en} ({layout.title_ja}). {grain} (提出ファイルの1行)')}\n"
        text += "        columns:\n"
        for name, _ in raw_columns(file_type):
            field = by_name.get(name)
            en, ja = _PROVENANCE[name] if field is None else (_words(name) + ", as delivered", field.name_ja)
            if field and name in layout.hashed:
                en = f"{_words(name)} as a keyed HMAC-SHA-256, 64 hex digits"
            note = _note("", field.source_page) if field else ""
            text += _described(name, f"{en} ({ja}){note}", ja, "          ")
    return text


def stage_yml() -> str:
    """Descriptions and grain tests of the generated stage models."""
    text = _HEAD.format("#", "") + "version: 2\nmodels:\n"
    for model in models():
        text += f"  - name: {model.name}\n"
        text += f"    description: {_yaml(f'{model.en} ({model.ja})')}\n"
        text += f"    config: {{meta: {{ja: {_yaml(model.ja)}}}}}\n"
        text += "    data_tests:\n      - unique_grain:\n          arguments:\n"
        text += "            columns: [submission_yyyymm, submission_facility, line_no]\n            monthly: true\n"
        text += "    columns:\n"
        for column in model.columns:
            text += _described(column.name, column.description, column.ja, "      ")
    return text


def files() -> dict[str, str]:
    """Path inside the dbt project -> text, of every generated file."""
    made = {"models/sources_raw.yml": sources_yml(), "models/stage/lines.yml": stage_yml()}
    for model in models():
        made[f"models/stage/{model.name}.sql"] = model_sql(model)
    return made


def stale(project: Path) -> tuple[str, ...]:
    """Generated files of `project` (the dbt folder) that are missing or differ from the registry."""
    return tuple(
        path
        for path, text in files().items()
        if not (project / path).is_file() or (project / path).read_text(encoding="utf-8") != text
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write what the dbt project derives from the registry.")
    parser.add_argument("project", type=Path, help="the dbt folder")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 where a file is out of date")
    options = parser.parse_args(arguments)
    found = stale(options.project)
    for path in found:
        sys.stdout.write(f"{'out of date' if options.check else 'written'}: {options.project / path}\n")
        if not options.check:
            target = options.project / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(files()[path], encoding="utf-8")
    return 1 if options.check and found else 0


if __name__ == "__main__":
    sys.exit(main())
