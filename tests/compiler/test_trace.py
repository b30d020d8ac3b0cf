"""Which files one entry point needs: imports followed from the text, data named by strings, and what is missing."""

import sys
from pathlib import Path

import pytest
from small_projects import project

from compiler import imports, trace
from compiler.project import Project, roots
from compiler.trace import Missing


def members(root: Path, files: dict[str, str], *entries: str, **options: object) -> list[str]:
    found = trace.closure(project(root, files), entries, **options)  # type: ignore[arg-type]
    assert not found.missing
    assert not found.problems
    return list(found.members)


def test_imports_of_all_forms_are_followed_with_the_packages_above(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/entry.py": "import shop.plain\nfrom shop import chosen\nfrom shop.deep import name\n"
        "from . import beside\nfrom .below import thing\nimport shop.deep.renamed as other\n",
        "shop/plain.py": "",
        "shop/chosen.py": "",
        "shop/beside.py": "",
        "shop/below.py": "from .deep.further import x",
        "shop/deep/__init__.py": "name = 1",
        "shop/deep/renamed.py": "from ..up import y",
        "shop/deep/further.py": "x = 1",
        "shop/up.py": "y = 1",
        "shop/unused.py": "import pandas",
        "other.py": "",
    }
    assert members(tmp_path, files, "shop.entry") == [
        "shop/__init__.py",
        "shop/below.py",
        "shop/beside.py",
        "shop/chosen.py",
        "shop/deep/__init__.py",
        "shop/deep/further.py",
        "shop/deep/renamed.py",
        "shop/entry.py",
        "shop/plain.py",
        "shop/up.py",
    ]


def test_a_package_runs_its_init_and_what_that_imports(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "from shop import setup",
        "shop/setup.py": "",
        "shop/a/__init__.py": "",
        "shop/a/b.py": "",
    }
    assert members(tmp_path, files, "shop.a.b") == [
        "shop/__init__.py",
        "shop/a/__init__.py",
        "shop/a/b.py",
        "shop/setup.py",
    ]


def test_a_star_takes_the_modules_that_all_names(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/entry.py": "from shop.parts import *",
        "shop/parts/__init__.py": '__all__ = ["one", "VALUE"]\nVALUE = 1',
        "shop/parts/one.py": "",
        "shop/parts/two.py": "",
    }
    assert "shop/parts/one.py" in members(tmp_path, files, "shop.entry")
    assert "shop/parts/two.py" not in members(tmp_path, files, "shop.entry")


def test_imports_inside_functions_run_and_those_for_type_checkers_and_scripts_do_not(tmp_path: Path) -> None:
    files = {
        "entry.py": """
import typing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas
    import never
elif True:
    import elsewhere
if typing.TYPE_CHECKING:
    import never
else:
    import otherwise
if not TYPE_CHECKING:
    import always


def run():
    def inner():
        import late


if __name__ == "__main__":
    import never
    import rich
""",
        **{f"{name}.py": "" for name in ("never", "elsewhere", "otherwise", "always", "late")},
    }
    assert members(tmp_path, files, "entry") == ["always.py", "elsewhere.py", "entry.py", "late.py", "otherwise.py"]


@pytest.mark.parametrize(
    "text",
    [
        "try:\n import orjson\nexcept ImportError:\n orjson = None",
        "try:\n import tomllib\nexcept ModuleNotFoundError:\n import tomli as tomllib",
        "try:\n import orjson\nexcept (ValueError, ImportError):\n pass",
        "try:\n import orjson\nexcept Exception:\n pass",
        "try:\n import orjson\nexcept:\n pass",
        "try:\n import orjson\nexcept ImportError:\n pass\nelse:\n import orjson.more",
        "from contextlib import suppress\nwith suppress(ImportError):\n import orjson",
        "import sys\nif sys.version_info < (3, 11):\n import tomli",
        "import sys\nif sys.platform == 'win32':\n import pywintypes",
    ],
)
def test_what_the_code_can_do_without_is_optional(tmp_path: Path, text: str) -> None:
    assert members(tmp_path, {"entry.py": text}, "entry") == ["entry.py"]


def test_an_optional_module_of_the_project_is_brought(tmp_path: Path) -> None:
    files = {"entry.py": "try:\n import fast\nexcept ImportError:\n import slow", "fast.py": "", "slow.py": ""}
    assert members(tmp_path, files, "entry") == ["entry.py", "fast.py", "slow.py"]


@pytest.mark.parametrize(
    "text", ["try:\n import orjson\nfinally:\n pass", "try:\n import orjson\nexcept OSError:\n pass"]
)
def test_other_tries_make_nothing_optional(tmp_path: Path, text: str) -> None:
    found = trace.closure(project(tmp_path, {"entry.py": text}), ["entry"])
    assert found.missing == (Missing("orjson", "entry.py", 2, ("entry", "orjson")),)


def test_what_no_zip_and_no_layer_holds_is_missing_with_its_line_and_chain(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/entry.py": "from shop import frames",
        "shop/frames.py": '"""Frames."""\n\nimport json\nimport boto3.session\nfrom botocore import config\n'
        "import pandas as pd\n",
    }
    found = trace.closure(project(tmp_path, files), ["shop.entry"])
    assert found.missing == (Missing("pandas", "shop/frames.py", 6, ("shop.entry", "shop.frames", "pandas")),)
    assert trace.closure(project(tmp_path, files), ["shop.entry"], layers={"pandas"}).missing == ()
    assert trace.closure(project(tmp_path, files), ["shop.entry"], layers={"*"}).missing == ()
    assert trace.closure(project(tmp_path, files), ["shop.entry"], layers={"pandas"}).outside == ("pandas",)


def test_a_module_that_the_own_package_lacks_is_missing(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/entry.py": "import shop.gone\nfrom shop.gone_too import x\nfrom shop import name",
    }
    found = trace.closure(project(tmp_path, files), ["shop.entry"])
    assert [each.module for each in found.missing] == ["shop.gone", "shop.gone_too"]


def test_modules_named_by_a_literal_are_followed(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/entry.py": "import importlib\nfrom importlib import import_module\nname = 'x'\n"
        "importlib.import_module('shop.one')\nimport_module('.two', __package__)\n__import__('shop.three')\n"
        "import_module(f'shop.{name}')\nimport_module(name)\n",
        **{f"shop/{name}.py": "" for name in ("one", "two", "three", "four")},
    }
    found = members(tmp_path, files, "shop.entry")
    assert found == ["shop/__init__.py", "shop/entry.py", "shop/one.py", "shop/three.py", "shop/two.py"]


def test_circles_end(tmp_path: Path) -> None:
    assert members(tmp_path, {"a.py": "import b", "b.py": "import a"}, "a") == ["a.py", "b.py"]


def test_a_folder_without_init_is_a_package_whose_init_the_zip_gets(tmp_path: Path) -> None:
    files = {"shop/entry.py": "from shop.parts import one\nfrom shop.parts.two import x", "shop/parts/one.py": ""}
    files["shop/parts/two.py"] = "x = 1"
    found = trace.closure(project(tmp_path, files), ["shop.entry"])
    assert dict(found.members) == {
        "shop/__init__.py": b"",
        "shop/entry.py": files["shop/entry.py"].encode(),
        "shop/parts/__init__.py": b"",
        "shop/parts/one.py": b"",
        "shop/parts/two.py": b"x = 1",
    }


def test_a_package_shared_with_a_layer_keeps_no_init(tmp_path: Path) -> None:
    files = {"acme/mine.py": "import acme.theirs"}
    found = trace.closure(project(tmp_path, files), ["acme.mine"], layers={"acme"})
    assert list(found.members) == ["acme/mine.py"]
    assert found.outside == ("acme.theirs",)


def test_a_folder_at_the_root_does_not_hide_a_package_of_its_name(tmp_path: Path) -> None:
    files = {"entry.py": "from dbt.cli import main", "dbt/models/a.sql": "select 1"}
    found = trace.closure(project(tmp_path, files), ["entry"])
    assert {each.module for each in found.missing} == {"dbt.cli"}


DATA = {
    "shop/__init__.py": "",
    "shop/parts/__init__.py": "",
    "shop/parts/rules/a.sql": "a",
    "shop/parts/rules/deep/b.sql": "b",
    "shop/parts/rules/.hidden": "h",
    "shop/parts/rules/__pycache__/x.pyc": "p",
    "shop/parts/rules/left.sql~": "l",
    "shop/parts/names.json": "{}",
    "shop/parts/unnamed.json": "{}",
    "shop/parts/tools/script.py": "",
    "shop/parts/.git/config": "secret",
    "shop/above.json": "{}",
    "outside.json": "{}",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"rules"', ["rules/a.sql", "rules/deep/b.sql"]),
        ('"rules/"', ["rules/a.sql", "rules/deep/b.sql"]),
        ('f"rules/{__name__}.sql"', ["rules/a.sql", "rules/deep/b.sql"]),
        ('"rules/{}.sql".format(1)', ["rules/a.sql", "rules/deep/b.sql"]),
        ('"rules/a.sql"', ["rules/a.sql"]),
        ('"rules/deep/*.sql"', ["rules/deep/b.sql"]),
        ('x = "names.json"', ["names.json"]),
        ('def f(name="names.json"):\n  """unnamed.json"""', ["names.json"]),
        ('"""rules"""\n"unnamed.json"', []),
        ('x = "Names.json", "RULES"', []),
        ('x = "rule", "rules and more", "", "/", "//", ".", "..", "../above.json", "./names.json"', []),
        ('x = "tools", "tools/script.py", ".git", ".git/config", "rules/.hidden"', []),
        ('x = "outside.json", "above.json"', []),
    ],
)
def test_a_string_brings_the_data_beside_its_module(tmp_path: Path, text: str, expected: list[str]) -> None:
    written = text if text.startswith(("x =", "def", '"""')) else f"x = {text}"
    found = members(tmp_path, DATA | {"shop/parts/entry.py": written}, "shop.parts.entry")
    assert [name.removeprefix("shop/parts/") for name in found if not name.endswith(".py")] == expected


@pytest.mark.parametrize(
    "text",
    [
        "from importlib.resources import files\nx = files('shop') / 'above.json'",
        "from importlib import resources\nimport shop\nx = resources.files(shop) / 'above.json'",
        "import pkgutil\nx = pkgutil.get_data('shop', 'above.json')",
        "from pathlib import Path\nx = Path(__file__).parent.parent / 'above.json'",
        "from pathlib import Path\nx = Path(__file__).parents[1] / 'above.json'",
        "import os\nx = os.path.join(os.path.dirname(os.path.dirname(__file__)), 'above.json')",
    ],
)
def test_data_of_another_package_is_found_by_how_the_code_goes_there(tmp_path: Path, text: str) -> None:
    found = members(tmp_path, DATA | {"shop/parts/entry.py": text}, "shop.parts.entry")
    assert [name for name in found if not name.endswith(".py")] == ["shop/above.json"]


def test_a_package_that_is_only_data_is_brought_when_it_is_named(tmp_path: Path) -> None:
    files = {"shop/__init__.py": "", "shop/data/a.csv": "1", "shop/entry.py": "import importlib.resources as r\n"}
    files["shop/entry.py"] += "x = r.files('shop.data') / 'a.csv'\nPath().read_text('utf8')"
    found = members(tmp_path, files, "shop.entry")
    assert found == ["shop/__init__.py", "shop/data/__init__.py", "shop/data/a.csv", "shop/entry.py"]


def test_beside_a_module_without_a_package_only_whole_files_count(tmp_path: Path) -> None:
    files = {"entry.py": "x = 'conf.json', 'data', 'data/a.csv'", "conf.json": "", "data/a.csv": "", "data/b.csv": ""}
    assert members(tmp_path, files, "entry") == ["conf.json", "data/a.csv", "entry.py"]


def test_declared_data_is_brought_from_beside_the_module_or_from_the_root(tmp_path: Path) -> None:
    files = DATA | {"shop/parts/entry.py": ""}
    found = members(tmp_path, files, "shop.parts.entry", data=["unnamed.json", "rules/deep", "outside.json"])
    assert [name for name in found if not name.endswith(".py")] == [
        "outside.json",
        "shop/parts/rules/deep/b.sql",
        "shop/parts/unnamed.json",
    ]


@pytest.mark.parametrize("name", ["gone.json", "../above.json", "/etc/passwd", "", "/"])
def test_declared_data_that_is_not_there_or_outside_is_a_problem(tmp_path: Path, name: str) -> None:
    found = trace.closure(project(tmp_path, DATA | {"shop/parts/entry.py": ""}), ["shop.parts.entry"], data=[name])
    assert [problem.message for problem in found.problems] == [
        f"data {name!r} is no file or folder beside the module or in {tmp_path}"
    ]


def test_text_that_python_3_11_cannot_read_is_a_problem(tmp_path: Path) -> None:
    files = {"entry.py": "import new\nimport broken", "new.py": "\ntype X = int\n", "broken.py": "def f(:\n"}
    found = trace.closure(project(tmp_path, files), ["entry"])
    assert [problem.where for problem in found.problems] == ["new.py:2", "broken.py:1"]


def test_an_entry_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    found = trace.closure(project(tmp_path, {"shop/__init__.py": ""}), ["shop.gone"])
    assert [(each.where, each.message) for each in found.problems] == [("shop.gone", f"no such module in {tmp_path}")]


def test_a_module_named_like_one_of_python_is_a_problem_where_it_is_imported(tmp_path: Path) -> None:
    files = {"entry.py": "import json\nimport secrets", "secrets.py": "", "statistics.py": "", "email/x.txt": ""}
    found = trace.closure(project(tmp_path, files), ["entry"])
    assert [(each.where, each.message) for each in found.problems] == [
        ("entry.py:2", "imports secrets, which is both secrets.py of the project and a module of the standard library")
    ]


def test_line_ends_of_python_text_do_not_matter_and_those_of_data_do(tmp_path: Path) -> None:
    found = trace.closure(project(tmp_path, {"entry.py": "x = 1\r\ny = 'a.csv'\r\n", "a.csv": "1\r\n2\r\n"}), ["entry"])
    assert dict(found.members) == {"a.csv": b"1\r\n2\r\n", "entry.py": b"x = 1\ny = 'a.csv'\n"}


def test_the_standard_library_is_that_of_3_11_on_every_python() -> None:
    assert len(imports.STDLIB) == 305
    assert {"tomllib", "cgi", "distutils", "imp", "_bootsubprocess"} <= imports.STDLIB
    assert not {"_colorize", "_pyrepl", "numpy", "boto3"} & imports.STDLIB


def test_installed_packages_are_never_part_of_the_project(tmp_path: Path) -> None:
    installed = tmp_path / "site-packages"
    (installed / "shop").mkdir(parents=True)
    found = roots([], [str(tmp_path), str(installed), *sys.path, str(tmp_path / "gone")])
    assert found[0] == tmp_path
    assert not any("site-packages" in str(each) or "lib/python3" in str(each) for each in found)


def test_a_project_that_is_installed_in_place_is_found_by_its_module() -> None:
    assert roots(["dpc_assets.steps.export:run", "json:dumps", "gone:run"], []) == (Path(__file__).parents[2],)


def test_the_steps_of_the_pipeline_bring_their_data_and_nothing_of_dagster() -> None:
    whole = Project((Path(__file__).parents[2],))
    found = trace.closure(whole, ["dpc_assets.steps.check_quality"])
    assert not found.missing
    assert not found.problems
    folders = {name.rpartition("/")[0] for name in found.members}
    assert folders == {
        "dpc_assets",
        "dpc_assets/formats",
        "dpc_assets/formats/layouts",
        "dpc_assets/steps",
        "dpc_assets/steps/rules",
    }
    assert "dpc_assets/steps/mart_columns.json" in found.members
    assert "dagster" in {each.module for each in trace.closure(whole, ["dpc_assets.definitions"]).missing}
