"""The data dictionary of the export, in English and Japanese: JSON for programs, Markdown for people.

The words come from `mart_columns.json`, which is made from dbt's own descriptions (`python -m
dpc_assets.local.mart_columns`); the types are those of the tables that were exported.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from dpc_assets.steps import lake
from dpc_assets.steps.ports import Ports

SCHEMA = "dpc-dictionary/1"

_TYPES = {
    "character varying": "varchar",
    "timestamp without time zone": "timestamp",
    "double precision": "double",
    "numeric": "decimal",
}


def write(ports: Ports) -> None:
    """Writes each of the two files where it is not yet so; the same tables give the same bytes."""
    tables = _tables(ports)
    document = {"schema": SCHEMA, "datasets": tables}
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    for suffix, said in (("json", text), ("md", _markdown(tables))):
        key = lake.dictionary(suffix)
        if not ports.store.exists(key) or ports.store.read(key) != said.encode():
            ports.store.write(key, said.encode())


def described() -> dict[str, Any]:
    """`{table: {en, ja, columns: {name: {en, ja}}}}` as dbt describes the marts."""
    found: dict[str, Any] = json.loads((files("dpc_assets.steps") / "mart_columns.json").read_text(encoding="utf-8"))
    return found


def _tables(ports: Ports) -> list[dict[str, Any]]:
    words = described()
    rows = ports.warehouse.fetch(
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'export' ORDER BY table_name, ordinal_position",
        name="dictionary",
    )
    tables: dict[str, dict[str, Any]] = {}
    for table, column, kind in rows:
        about = words.get(str(table), {})
        entry = tables.setdefault(
            str(table), {"name": table, "en": about.get("en", ""), "ja": about.get("ja", ""), "columns": []}
        )
        said = about.get("columns", {}).get(str(column), {})
        entry["columns"].append(
            {"name": column, "type": _type(str(kind)), "en": said.get("en", ""), "ja": said.get("ja", "")}
        )
    return list(tables.values())


def _type(kind: str) -> str:
    """One name a type, whichever engine told it."""
    plain = kind.lower()
    return _TYPES.get(plain.partition("(")[0], plain)


def _markdown(tables: list[dict[str, Any]]) -> str:
    lines = ["# データ辞書 Data dictionary", ""]
    for table in tables:
        lines += [f"## {table['name']}", "", table["ja"], "", table["en"], ""]
        lines += ["| 列 column | 型 type | 説明 | description |", "|---|---|---|---|"]
        lines += [f"| `{c['name']}` | {c['type']} | {_cell(c['ja'])} | {_cell(c['en'])} |" for c in table["columns"]]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
