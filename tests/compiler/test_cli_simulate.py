"""`dpc-compile simulate` and `explain`: what ran when, what a failure stops, what a redrive does, why one waits."""

import json
from pathlib import Path
from typing import Any

import pytest

from compiler.cli import main

DIAMOND = {
    "nodes": [
        {"key": "raw/a", "duration_s": 10, "group": "raw"},
        {"key": "b", "duration_s": 20, "group": "mart"},
        {"key": "c", "duration_s": 30, "group": "mart"},
        {"key": "d", "duration_s": 5, "group": "mart"},
    ],
    "edges": [["raw/a", "b"], ["raw/a", "c"], ["b", "d"], ["c", "d"]],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("g.json").write_text(json.dumps(DIAMOND))
    return tmp_path


def simulated(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    status = main(["simulate", "--graph", "g.json", "--json", *arguments])
    return status, json.loads(capsys.readouterr().out)


def test_everything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    status, answer = simulated(capsys)
    assert (status, answer["status"], answer["seconds"]) == (0, "SUCCEEDED", 45.0)
    assert answer["assets"] == {"raw/a": "ran", "b": "ran", "c": "ran", "d": "ran"}
    assert answer["critical"] == ["raw/a", "c", "d"]


def test_durations_are_of_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    Path("d.json").write_text('{"b": 100}')
    assert simulated(capsys, "--durations", "d.json")[1]["seconds"] == 115.0


def test_a_selection_passes_over_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    _, answer = simulated(capsys, "--select", "group:mart and not c")
    assert answer["assets"] == {"raw/a": "passed over", "b": "ran", "c": "passed over", "d": "ran"}
    status, answer = simulated(capsys, "--select", "nobody")
    assert (status, answer["status"], answer["error"]) == (1, "FAILED", "UnknownSelection")


def test_a_failure_and_its_redrive(capsys: pytest.CaptureFixture[str]) -> None:
    status, answer = simulated(capsys, "--fail", "b")
    assert (status, answer["status"]) == (1, "FAILED")
    assert answer["assets"] == {"raw/a": "ran", "b": "failed", "c": "aborted", "d": "not started"}
    status, answer = simulated(capsys, "--fail", "b", "--redrive")
    assert (status, answer["status"]) == (0, "SUCCEEDED")
    assert [drive["ran"] for drive in answer["drives"]] == [["raw/a"], ["b", "c", "d"]]
    assert simulated(capsys, "--fail", "b=Lambda.ServiceExceptionx2")[0] == 0, "transient errors are tried again"


def test_the_chart_as_text_and_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--graph", "g.json", "--fail", "b", "--html", "out/gantt.html"]) == 1
    said = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: line for line in said[:4]}
    assert "✗" in rows["b"] and "░" in rows["c"] and "█" in rows["raw/a"]
    assert "status          FAILED: StepFailed: b: said to fail" in said
    assert "assets          1 aborted, 1 failed, 1 not started, 1 ran" in said
    page = Path("out/gantt.html").read_text()
    assert page.count("<rect") == 4 and "failed StepFailed" in page and "<h1>g: FAILED</h1>" in page


def test_what_cannot_fail_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--graph", "g.json", "--fail", "raw/x"]) == 1
    assert "no asset, unit or state is called so" in capsys.readouterr().err


def test_why_an_asset_waits(capsys: pytest.CaptureFixture[str]) -> None:
    crossed = {
        "nodes": [{"key": key, "duration_s": s} for key, s in zip("abcd", (10, 4, 1, 9), strict=True)],
        "edges": [["a", "c"], ["b", "c"], ["b", "d"]],
    }
    Path("n.json").write_text(json.dumps(crossed))
    assert main(["explain", "d", "--graph", "n.json", "--strategy", "levels", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["starts_s"], answer["ready_s"]) == (10.0, 4.0)
    assert answer["needs"] == [{"unit": "b", "ends_s": 4.0}]
    assert answer["waits_also_for"] == [{"unit": "a", "delay_s": 6.0}]
    assert [state["name"] for state in answer["states"]] == ["d?", "d passed over", "d"]
    assert main(["explain", "d", "--graph", "n.json", "--strategy", "levels"]) == 0
    assert "waits also for  a, without need: 6.0 s later for it" in capsys.readouterr().out
    assert main(["explain", "dd", "--graph", "n.json"]) == 2
    assert "dd: no such asset; did you mean d?" in capsys.readouterr().err
