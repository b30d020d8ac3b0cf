"""`dpc-compile plan --graph` and `graph --graph`: any graph, without Dagster; wrong calls end with a message."""

import io
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from compiler.cli import main

N_GRAPH = {
    "nodes": [{"key": key, "duration_s": seconds} for key, seconds in zip("abcd", (10.0, 4.0, 1.0, 9.0), strict=True)],
    "edges": [["a", "c"], ["b", "c"], ["b", "d"]],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def given(content: Any, name: str = "g.json") -> str:
    Path(name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return name


def test_json_holds_the_plan_and_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--graph", given(N_GRAPH), "--json", "--strategy", "levels"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["plan"] == {
        "series": [{"parallel": [{"task": "a"}, {"task": "b"}]}, {"parallel": [{"task": "c"}, {"task": "d"}]}]
    }
    assert answer["added_edges"] == [{"before": "a", "after": "d", "delay_s": 6.0}]
    assert (answer["makespan_s"], answer["critical_path_s"], answer["critical_path"]) == (19.0, 13.0, ["b", "d"])
    assert (answer["ratio"], answer["strategy"], answer["levels_makespan_s"]) == (19 / 13, "levels", 19.0)
    assert (answer["transitions"], answer["runs_per_month"]) == (12, 30)
    assert answer["usd_per_month"] == pytest.approx(30 * answer["usd_per_run"])


def test_text_names_the_delayed_asset(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--graph", given(N_GRAPH), "--strategy", "levels"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.splitlines()[:11] == [
        "series",
        "  parallel",
        "    a  10.0 s",
        "    b  4.0 s",
        "  parallel",
        "    c  1.0 s",
        "    d  9.0 s",
        "",
        "delayed  waits for, without needing it     by",
        "d        a                              6.0 s",
        "",
    ]
    assert "critical path  b -> d" in said.out


def test_standard_input_missing_durations_and_no_edges(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"nodes": [{"key": "a"}, {"key": "b", "duration_s": null}]}'))
    assert main(["plan", "--graph", "-", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["plan"] == {"parallel": [{"task": "a"}, {"task": "b"}]}
    assert answer["makespan_s"] == 60.0


def test_an_empty_graph_has_a_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--graph", given({"nodes": [], "edges": []}), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["plan"], answer["makespan_s"], answer["ratio"], answer["added_edges"]) == (None, 0.0, 1.0, [])


def test_durations_of_a_file_stand_over_those_of_the_graph(capsys: pytest.CaptureFixture[str]) -> None:
    durations = given({"a": 100, "elsewhere": 3}, "d.json")
    assert main(["plan", "--graph", given(N_GRAPH), "--durations", durations, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["critical_path"] == ["a", "c"]


def test_a_chain_of_a_thousand_and_a_ladder_of_five_hundred(capsys: pytest.CaptureFixture[str]) -> None:
    """Plans as deep as the graph: nothing may recurse too far."""
    chain = {"nodes": [{"key": f"n{i:04d}"} for i in range(1000)]}
    chain["edges"] = [[f"n{i:04d}", f"n{i + 1:04d}"] for i in range(999)]  # type: ignore[list-item]
    nested = {"nodes": [{"key": f"{kind}{i:03d}", "duration_s": 1} for i in range(500) for kind in "ab"]}
    nested["edges"] = [[f"a{i:03d}", f"{kind}{i + 1:03d}"] for i in range(499) for kind in "ab"]  # type: ignore[list-item]
    for content in (chain, nested):
        assert main(["plan", "--graph", given(content), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["ratio"] == 1.0
        assert main(["plan", "--graph", given(content)]) == 0
        assert main(["graph", "--graph", given(content), "--out", "g.svg"]) == 0
        capsys.readouterr()


REFUSED = {
    "cycle": ({"nodes": [{"key": "a"}, {"key": "b"}], "edges": [["a", "b"], ["b", "a"]]}, "cycle"),
    "unknown": ({"nodes": [{"key": "a"}], "edges": [["a", "z"]]}, "'z'"),
    "itself": ({"nodes": [{"key": "a"}], "edges": [["a", "a"]]}, "a -> a"),
    "twice": ({"nodes": [{"key": "a"}, {"key": "a"}], "edges": []}, "nodes[1]: key: 'a' is there twice"),
    "negative": ({"nodes": [{"key": "a", "duration_s": -1}]}, "found -1"),
    "text": ({"nodes": [{"key": "a", "duration_s": "long"}]}, 'found "long"'),
    "flag": ({"nodes": [{"key": "a", "duration_s": True}]}, "found true"),
    "not finite": ('{"nodes": [{"key": "a", "duration_s": NaN}]}', "found NaN"),
    "no key": ({"nodes": [{"name": "a"}]}, "key: expected a text, found null"),
    "no object": ({"nodes": ["a"]}, 'found "a"'),
    "edge of one": ({"nodes": [{"key": "a"}], "edges": [["a"]]}, 'edges[0]: expected ["before", "after"], found ["a"]'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_graph_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    content, message = REFUSED[name]
    assert main(["plan", "--graph", given(content)]) == 1
    said = capsys.readouterr()
    assert said.out == "" and message in said.err and "Traceback" not in said.err


def test_all_problems_at_once_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    content = {"nodes": [{"key": 1}, {"key": "a", "duration_s": -1}], "edges": [["a"], 3]}
    assert main(["plan", "--graph", given(content), "--json"]) == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert [problem["where"] for problem in problems] == [
        "g.json: edges[0]",
        "g.json: edges[1]",
        "g.json: nodes[0]",
        "g.json: nodes[1]",
    ]


WRONG = {
    "no file": (["plan", "--graph", "none.json"], "none.json: cannot be read (No such file or directory)"),
    "no JSON": (["plan", "--graph", "bad.json"], "bad.json: line 1, column 2: not JSON"),
    "no graph": (["plan", "--graph", "list.json"], 'list.json: expected {"nodes": [...], "edges": [...]}, found [1]'),
    "bytes": (["plan", "--graph", "latin.json"], "latin.json: cannot be read"),
    "strategy": (["plan", "--graph", "g.json", "--strategy", "best"], "expected one of sp, levels, found 'best'"),
    "both": (["plan", "--graph", "g.json", "--definitions", "a:b"], "give one of them"),
    "neither": (["plan"], "no definitions: give --definitions module:attr"),
    "module": (["plan", "--definitions", "not_there.definitions:defs"], "there is no module not_there"),
    "form": (["plan", "--definitions", "a b:c"], "expected module:attr"),
    "picture": (["graph", "--graph", "g.json", "--out", "g.png"], "expected a name that ends in .svg or .html"),
    "settings": (["plan", "--graph", "g.json"], "[tool.dpc-compile] outt: unknown"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage_ends_with_two(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    given(N_GRAPH)
    given("{bad", "bad.json")
    given("[1]", "list.json")
    Path("latin.json").write_bytes(b'{"nodes": "\xe9"}')
    if name == "settings":
        given('[tool.dpc-compile]\noutt = "x"\n', "pyproject.toml")
    arguments, message = WRONG[name]
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and message in said.err and "Traceback" not in said.err


def test_unknown_words_are_refused_by_the_parser(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["plam"], ["plan", "--grap"], ["plan", "--what"]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2
    with pytest.raises(SystemExit) as asked:
        main(["--version"])
    assert asked.value.code == 0
    assert capsys.readouterr().out.startswith("dpc-compile ")


def test_settings_of_pyproject_are_used_from_below(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from compiler.cli.arguments import parser
    from compiler.cli.settings import settings

    given('[tool.dpc-compile]\ndefinitions = "shop:defs"\nout = "gen"\nstrategy = "levels"\n', "pyproject.toml")
    options = parser(str).parse_args(["build", "--dist", "zips"])
    found = settings(options, folder)
    assert (found.definitions, found.out, found.dist, found.strategy) == (
        "shop:defs",
        Path("gen"),
        Path("zips"),
        "levels",
    )
    (folder / "below").mkdir()
    assert settings(options, folder / "below").out == folder / "gen"


@pytest.mark.parametrize("form", ["svg", "html"])
def test_a_picture_of_any_graph(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "--graph", given(N_GRAPH), "--out", f"sub/n.{form}"]) == 0
    assert capsys.readouterr().out == f"sub/n.{form}\n"
    assert "4 units" in Path(f"sub/n.{form}").read_text(encoding="utf-8")


def test_planning_a_file_imports_neither_dagster_nor_jsonata(folder: Path) -> None:
    given(N_GRAPH)
    code = (
        "import sys; from compiler.cli import main; status = main(['plan', '--graph', 'g.json', '--json']);"
        "sys.exit(status or 3 * bool({'dagster', 'jsonata', 'boto3', 'networkx'} & set(sys.modules)))"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert time.perf_counter() - started < 5  # 0.2 s on a quiet machine
