"""Calls that cannot work end with 2 and say what to do; nothing shows a stack trace."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from dpc_assets.cli.main import main


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("DPC_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("DPC_WAREHOUSE", str(tmp_path / "dpc.duckdb"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "dpc.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a, 'x,y' AS b UNION ALL SELECT 2, NULL ORDER BY 1")
    return path


WRONG = [
    (["run", "--month", "2025-13"], "--month: expected 2025-04 or 2025-04..2025-06, found '2025-13'"),
    (["run", "--month", "202504"], "--month: expected 2025-04 or 2025-04..2025-06, found '202504'"),
    (["run", "--month", "2025-06..2025-04", "--lake", "."], "expected the earlier month first"),
    (["run", "--month", "2025-04", "--lake", "nowhere"], "there is no folder"),
    (["run", "--month", "2025-04", "--lake", "s4://bucket"], "expected a folder or s3://bucket/prefix"),
    (["run", "--month", "2025-04", "--lake", ".", "--warehouse", "."], "expected a file, found the folder"),
    (["run", "--month", "2019-04", "--lake", "."], "2019-04: expected a month from 2025-04 to"),
    (["query", "SELECT 1", "--warehouse", "nowhere.duckdb"], "there is no file"),
    (["board", "--warehouse", "nowhere.duckdb"], "there is no file"),
    (["board", "--warehouse", "text.txt"], "is not a DuckDB file"),
    (["submit", "nowhere"], "there is no folder nowhere"),
    (["ref", "import", "nowhere.xlsx"], "there is no file nowhere.xlsx"),
    (["sample"], "--out LAKE and --month 2025-04 are needed"),
    (["sample", "--out", "x", "--month", "2025-04", "--fault", "no-such-fault"], "no-such-fault"),
    (["sample", "--out", "x", "--month", "2025-04", "--stays", "0"], "stays: expected"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(each[0]) for each in WRONG])
def test_wrong_usage_ends_with_2(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.txt").write_text("not a database, but long enough to be read", encoding="utf-8")
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["run"], ["ref"], ["query"], ["query", "x", "--csv", "--json"]]
)
def test_missing_arguments_end_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: dpc" in capsys.readouterr().err


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from dpc_assets.cli.main import parser; parser(); "
        "print(sorted({'dagster', 'duckdb', 'dbt', 'boto3', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_query_as_table_csv_and_json(warehouse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", "SELECT * FROM t", "--csv"]) == 0
    assert capsys.readouterr().out == 'a,b\n1,"x,y"\n2,\n'
    assert main(["query", "SELECT * FROM t", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"a": 1, "b": "x,y"}, {"a": 2, "b": None}]
    assert main(["query", "SELECT * FROM t"]) == 0
    assert "x,y" in capsys.readouterr().out


def test_a_query_leaves_out_no_column_where_a_file_takes_it(
    warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", "SELECT " + ", ".join(f"1.5 AS a_long_name_of_column_{i}" for i in range(12))]) == 0
    _, header, _, row, _ = capsys.readouterr().out.splitlines()
    assert header.split() == [f"a_long_name_of_column_{i}" for i in range(12)]
    assert row.split() == ["1.5"] * 12


def test_a_query_on_a_narrow_terminal_puts_each_column_on_a_line(warehouse: Path) -> None:
    script = [sys.executable, "-m", "dpc_assets.cli.main", "query", "--warehouse", str(warehouse)]
    script.append("SELECT " + ", ".join(f"{i} AS a_long_name_of_column_{i}" for i in range(12)))
    ours, theirs = pty.openpty()
    settings = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "40"}
    done = subprocess.run(script, env=settings, stdout=theirs, check=False, timeout=60)
    os.close(theirs)
    said = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 0
    lines = [line.split() for line in said.splitlines() if "a_long_name" in line]
    assert lines == [[f"a_long_name_of_column_{i}", f"{i}"] for i in range(12)]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM t",
        "CREATE TABLE u AS SELECT 1",
        "COPY t TO 'out.csv'",
        "SELECT * FROM read_text('text.txt')",
        "SET enable_external_access=true",
        "ATTACH 'other.duckdb'",
        "SELEC",
        "SELECT nothing FROM t",
    ],
)
def test_query_only_reads(sql: str, warehouse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = warehouse.read_bytes()
    (tmp_path / "text.txt").write_text("secret", encoding="utf-8")
    assert main(["query", sql]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("dpc: query: ")
    assert "Traceback" not in captured.err
    assert warehouse.read_bytes() == before
    assert not (tmp_path / "out.csv").exists()
    assert not (tmp_path / "other.duckdb").exists()


def test_a_defect_names_the_file_with_its_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: 1 / 0)
    monkeypatch.delitem(sys.modules, "dpc_assets.cli.version", raising=False)
    assert main(["version"]) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    named = Path(said.strip().rsplit(" ", 1)[1])
    assert "ZeroDivisionError" in named.read_text(encoding="utf-8")


def test_an_unsubmittable_folder_ends_with_1_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "delivery"
    source.mkdir()
    (source / "notes.txt").write_text("x", encoding="utf-8")
    assert main(["submit", str(source)]) == 1
    assert "notes.txt" in capsys.readouterr().err
    assert main(["submit", str(source), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["status"] == "refused"
    assert {each["rule"] for each in document["problems"]} == {"F01", "M08"}


def test_sample_and_list_of_faults_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", "--out", "made", "--month", "2025-04", "--stays", "2", "--facilities", "1", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["lake"] == str(tmp_path / "made")
    assert [(each["month"], each["version"]) for each in document["submissions"]] == [("2025-04", 1)]
    assert main(["sample", "--list-faults", "--json"]) == 0
    assert {"name", "description_en", "description_ja"} == set(json.loads(capsys.readouterr().out)[0])


def test_board_of_a_fresh_warehouse_is_empty(warehouse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["board"]) == 0
    assert "Nothing has been loaded yet" in capsys.readouterr().out
    assert main(["board", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_warehouse_named_like_a_schema_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", "SELECT 1", "--warehouse", str(tmp_path / "mart.duckdb")]) == 2
    assert "a file named mart.duckdb cannot be told from the schema mart in it" in capsys.readouterr().err
