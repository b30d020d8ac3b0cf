"""The example of the README: its asset becomes its states, word for word."""

import json
import re
import sys
from pathlib import Path

import pytest

from compiler import build

ROOT = Path(__file__).parents[2]

AROUND = """
from dagster import AssetSpec, Definitions

defs = Definitions(assets=[AssetSpec("orders"), sales])
"""


def blocks(path: Path) -> dict[str, str]:
    """Language -> the only block of code in that language."""
    found = re.findall(r"^```(python|json)\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert sorted(language for language, _ in found) == ["json", "python"]
    return dict(found)


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_the_asset_becomes_the_states(readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = blocks(ROOT / readme)
    assert len(found["python"].splitlines()) == 12
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "steps.py").write_text("def sales() -> None:\n    pass\n", encoding="utf-8")
    (package / "definitions.py").write_text(found["python"] + AROUND, encoding="utf-8")
    for name in [name for name in sys.modules if name.split(".")[0] == "shop"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    draft = build.run(build.LOWERING, build.read("shop.definitions:defs", tmp_path))
    states = json.loads(draft.machines["assets"])["States"]
    assert {name: states[name] for name in ("sales?", "sales passed over", "sales")} == json.loads(found["json"])
    for name in [name for name in sys.modules if name.split(".")[0] == "shop"]:
        monkeypatch.delitem(sys.modules, name)
