"""A foreign project from its definitions to files: build, check, diff, and what each says when something is wrong."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from compiler.cli import main

FOREIGN = Path(__file__).parent / "foreign"
PYPROJECT = '[tool.dpc-compile]\ndefinitions = "shop.definitions:defs"\nout = "generated"\ndist = "build/dist"\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The shop with a pyproject.toml, as the working folder; forgotten by Python afterwards."""
    shutil.copytree(FOREIGN / "shop", tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each not in ("", str(FOREIGN))])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path
    forget()


def forget() -> None:
    """What was imported of the shop is imported anew by the next command, as in a new process."""
    for name in [name for name in sys.modules if name.split(".")[0] == "shop"]:
        del sys.modules[name]


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output and error of a command."""
    forget()
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(arguments)
    assert "Traceback" not in err.getvalue() and "defect" not in err.getvalue()
    return status, out.getvalue(), err.getvalue()


def answer(*arguments: str) -> tuple[int, Any]:
    """Exit status and parsed JSON."""
    status, out, _ = run(*arguments, "--json")
    return status, json.loads(out) if out else None


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_build_then_check_then_edit(project: Path) -> None:
    status, out, err = run("build")
    assert status == 0
    assert sorted(path.name for path in (project / "generated").iterdir()) == ["manifest.json", "shop.asl.json"]
    zips = sorted(path.name for path in (project / "build/dist").iterdir())
    assert zips == [
        "shop-monthly-figures.zip",
        "shop-orders-are-paid.zip",
        "shop-orders.zip",
        "shop-plan.zip",
        "shop-raw-customers.zip",
        "shop-raw-orders.zip",
        "shop-raw-payments.zip",
    ]
    assert "USD per month" in out and "shop-orders.zip" in out and "bundle" in err
    before = digests(project / "generated") | digests(project / "build")

    status, out, _ = run("build")
    assert status == 0 and "9 files were already as they should be" in out
    assert digests(project / "generated") | digests(project / "build") == before
    assert run("check")[:2] == (0, "2 files in generated are what the definitions say\n")

    machine = project / "generated/shop.asl.json"
    machine.write_text(machine.read_text().replace('"TimeoutSeconds":70', '"TimeoutSeconds":71'))
    status, out, err = run("check")
    assert status == 1
    assert "~ shop: monthly_figures  TimeoutSeconds: 71 -> 70" in out
    assert "generated/shop.asl.json: differs from line" in err
    assert "run `dpc-compile build`" in err

    machine.unlink()
    status, _, err = run("check")
    assert status == 1 and "generated/shop.asl.json: is missing" in err


def test_what_nothing_generates_any_more_is_removed(project: Path) -> None:
    assert run("build")[0] == 0
    (project / "generated/notes.txt").write_text("mine")
    definitions = project / "shop/definitions.py"
    text = definitions.read_text().replace('"machine": "shop"', '"machine": "store"')
    definitions.write_text(text.replace('"prefix": "shop-"', '"prefix": "store-"'))
    status, found = answer("check")
    assert status == 1
    assert found["files"] == {
        "manifest.json": found["files"]["manifest.json"],
        "shop.asl.json": "nothing generates it any more",
        "store.asl.json": "is missing",
    }
    status, found = answer("build")
    assert status == 0
    assert "generated/shop.asl.json" in found["removed"] and "build/dist/shop-orders.zip" in found["removed"]
    assert len(found["removed"]) == 8
    assert sorted(path.name for path in (project / "generated").iterdir()) == [
        "manifest.json",
        "notes.txt",
        "store.asl.json",
    ]


def test_each_zip_runs_alone(project: Path) -> None:
    """Unzipped, with nothing else on the path: no site-packages, no project, no boto3."""
    status, found = answer("build")
    assert status == 0 and len(found["zips"]) == 7
    for each in found["zips"]:
        alone = project / "alone" / each["function"]
        with zipfile.ZipFile(project / each["file"]) as archive:
            archive.extractall(alone)
        done = subprocess.run(
            [
                sys.executable,
                "-I",
                "-S",
                "-c",
                "import sys; sys.path.insert(0, '.'); import index; print(index.handler)",
            ],
            cwd=alone,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), each["function"]


def test_surroundings_change_no_byte(project: Path) -> None:
    """Umask, locale, hash seed, time zone, and the order of files in folders."""
    found = []
    for number, environment in enumerate(({}, {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo"})):
        out = project / str(number)
        words = ["build", "--out", str(out / "out"), "--dist", str(out / "dist")]
        command = f"umask {'077' if number else '022'}; exec {sys.executable} -m compiler.cli {' '.join(words)}"
        subprocess.run(["sh", "-c", command], check=True, capture_output=True, env=os.environ | environment)
        found.append(digests(out))
    assert len(found[0]) == 9 and found[0] == found[1]


def test_diff_of_folders_and_revisions(project: Path) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *words], cwd=project, check=True, capture_output=True)

    git("init", "-q")
    assert run("build")[0] == 0
    shutil.copytree(project / "generated", project / "before")
    git("add", "generated", "pyproject.toml", "shop")
    git("commit", "-q", "-m", "one")
    definitions = project / "shop/definitions.py"
    text = definitions.read_text().replace('"duration_s": 90', '"duration_s": 45').replace("1024", "2048")
    definitions.write_text(text)
    assert run("build")[0] == 0
    git("commit", "-q", "-a", "-m", "two")

    found = [
        answer("diff", *words) for words in (["before", "generated"], ["HEAD~1"], ["HEAD~1..HEAD"], ["HEAD~1", "."])
    ]
    assert found[3][0] == 2  # the working folder itself holds no build
    assert found[0] == found[1] == found[2]
    status, differs = found[0]
    assert status == 0 and differs["same"] is False
    changes = differs["changes"]
    assert changes["units"][0] == {
        "kind": "retimed",
        "name": "orders",
        "fields": [{"name": "duration_s", "before": 90.0, "after": 45.0}],
    }
    assert changes["functions"] == [
        {
            "kind": "changed",
            "name": "shop-raw-payments",
            "fields": [{"name": "memory_mb", "before": 1024, "after": 2048}],
        }
    ]
    assert "makespan_s" in {field["name"] for field in changes["figures"][0]["fields"]}
    assert run("diff", "HEAD~1", "--exit-code")[0] == 1
    assert answer("diff", "--exit-code") == (0, {"same": True, "changes": {}})
    assert answer("diff", "before/manifest.json", "generated/manifest.json")[1]["same"] is False


WRONG_BUILDS = {
    "nothing": (["diff", "nowhere", "generated"], "nowhere: neither a file or folder nor a git revision here"),
    "empty": (["diff", "empty"], "empty: there is no manifest.json"),
    "option": (["diff", "--", "--upload-pack=x"], "neither a file, nor a folder, nor a git revision"),
    "no JSON": (["diff", "broken"], "broken: manifest.json: line 1, column 2: not JSON"),
    "other JSON": (["diff", "other", "other"], "manifest.json is not a manifest of dpc-compile"),
    "no build": (["diff", "other/manifest.json", "generated"], "manifest.json is not a manifest"),
}


@pytest.mark.parametrize("name", WRONG_BUILDS)
def test_what_is_no_build_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder, content in (("empty", None), ("broken", "{x"), ("other", '{"graph": 3}')):
        (tmp_path / folder).mkdir()
        if content:
            (tmp_path / folder / "manifest.json").write_text(content)
    arguments, message = WRONG_BUILDS[name]
    status, out, err = run(*arguments)
    assert (status, out) == (2, "") and message in err


def test_an_asset_without_the_key_is_refused_with_the_line(project: Path) -> None:
    definitions = project / "shop/definitions.py"
    text = definitions.read_text()
    line = '    metadata={"aws": {"lambda": {"run": "shop.steps:orders"}, "duration_s": 90}},\n'
    assert line in text
    definitions.write_text(text.replace(line, "").replace('"timeout_s": 60', '"timeout_s": 9000'))
    status, _, err = run("build")
    assert status == 1
    assert "refused: " in err and "orders" in err and '{"aws": {"lambda": {' in err
    assert "9000" in err, "every problem is said at once"
    assert not (project / "generated").exists() and not (project / "build").exists()


def test_an_error_in_the_user_code_is_shown_with_its_line(project: Path) -> None:
    definitions = project / "shop/definitions.py"
    definitions.write_text("import not_installed\n" + definitions.read_text())
    status, _, err = run("plan")
    assert status == 1 and "No module named 'not_installed'" in err and "shop/definitions.py:1" in err


def test_holes_are_filled_for_use_without_terraform(project: Path) -> None:
    holes = {f"lambda_shop_{name}": f"arn:aws:lambda:x:1:function:{name}" for name in ("plan", "raw_orders")}
    (project / "holes.json").write_text(json.dumps(holes))
    others = [f"--holes=lambda_shop_{name}=arn" for name in ("raw_customers", "raw_payments", "orders")]
    others += ["--holes=lambda_shop_orders_are_paid=a", "--holes=lambda_shop_monthly_figures=b"]
    assert run("build", "--holes", "holes.json", *others)[0] == 0
    machine = json.loads((project / "generated/shop.asl.json").read_text())
    assert machine["States"]["Plan run"]["Arguments"]["FunctionName"] == "arn:aws:lambda:x:1:function:plan"
    assert "${" not in json.dumps(machine)
    status, _, err = run("build", "--holes", "unknown=1")
    assert status == 2 and "no machine has unknown" in err
