"""Makes `dpc_assets/steps/mart_columns.json` from dbt's descriptions: `python -m dpc_assets.local.mart_columns`.

The export step writes the data dictionary in a Lambda, where there is no dbt project; so the words are committed as
data, and a test fails when they are not what the project says today.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "dpc_assets" / "steps" / "mart_columns.json"

_JAPANESE_TAIL = re.compile(r"\s*\([^()]*[\u3040-\u30ff\u4e00-\u9fff][^()]*(?:\([^()]*\)[^()]*)*\)\s*$")


def mart_columns(folder: Path) -> dict[str, Any]:
    """`{table: {en, ja, columns: {name: {en, ja}}}}` of the models described in the folder's yml files."""
    tables: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            columns = {column["name"]: _words(column) for column in model.get("columns", [])}
            tables[model["name"]] = {**_words(model), "columns": columns}
    return tables


def _words(entry: dict[str, Any]) -> dict[str, str]:
    meta = {**entry.get("meta", {}), **entry.get("config", {}).get("meta", {})}
    english = _JAPANESE_TAIL.sub("", " ".join(entry.get("description", "").split()))
    return {"en": english, "ja": str(meta.get("ja", ""))}


def text(folder: Path = ROOT / "dbt" / "models" / "mart") -> str:
    """The file's whole text."""
    return json.dumps(mart_columns(folder), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
