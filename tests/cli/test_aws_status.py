"""`dpc aws status`, against a served AWS: executions, their assets, following one."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys

import pytest
from aws_shell import REFUSED, Shell
from recorded_states import Recorded, recorded, served


def test_the_latest_executions_of_both_machines(dpc: Shell) -> None:
    done = dpc("status", "--json")
    assert done.returncode == 0
    assert [(each["name"], each["status"], each["input"], each["error"]) for each in json.loads(done.stdout)] == [
        ("2025-04-a", "SUCCEEDED", {"partition": "2025-04"}, None),
        ("2025-05-a", "FAILED", {"partition": "2025-05"}, "WarehouseError"),
        ("daily-1", "FAILED", {}, "RunsFailed"),
    ]
    table = dpc("status").stdout.splitlines()
    assert table[0] == "Latest executions"
    assert " ".join(table[4].split()) == "12-01 10:00:00 dpc-learning-elt 2025-04 SUCCEEDED 1:41 2025-04-a"
    assert "最近の実行" in dpc("status", "--lang", "ja").stdout


@pytest.mark.parametrize("states", [()], indirect=True)
def test_where_nothing_was_run_yet(dpc: Shell) -> None:
    assert dpc("status").stdout == "Nothing has been run yet (dpc aws start)\n"
    assert json.loads(dpc("status", "--json").stdout) == []


def test_one_execution_as_a_table(dpc: Shell) -> None:
    done = dpc("status", "2025-04-a")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines() if line.strip()]
    assert lines[0] == "dpc-learning-elt 2025-04 2025-04-a: SUCCEEDED, 1:41"
    assert lines[4] == "raw/submissions succeeded 10:00:01 13 s 2 2/2"
    assert lines[7] == "dbt succeeded 10:00:25 1:00 1"


def test_a_failed_one_says_why_and_which_command_to_give(dpc: Shell) -> None:
    done = dpc("status", REFUSED)
    assert done.returncode == 1
    told = done.stdout.split("Not done, because:\n")[1].splitlines()
    assert told == [
        "  2025-05 dpc-learning-elt 2025-05-a: FAILED",
        '    raw_types item {"facility": "131000124", "version": 2}: WarehouseError',
        "      copy-2025-05-131000124: statement 9 of 15: Load into table 'efn' failed",
        "      stage/yyyymm=2025-05/131000124/v2/EFn_131000124_2505/part-0000.tsv.gz line 12 column service_date",
        "    -> Mend the data or setting that the text above names, then run anew.",
        f"       dpc aws rerun {REFUSED}",
    ]


def test_one_execution_as_json(dpc: Shell) -> None:
    done = dpc("status", "2025-05-a", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert (found["status"], found["redrivable"], found["next"]) == ("FAILED", True, f"dpc aws rerun {REFUSED}")
    unit = next(each for each in found["units"] if each["unit"] == "raw_types")
    assert {name: unit[name] for name in ("assets", "state", "attempts", "items", "items_done", "error")} == {
        "assets": ["raw/dn"],
        "state": "failed",
        "attempts": 1,
        "items": 2,
        "items_done": 1,
        "error": "WarehouseError",
    }
    assert found["failures"][0]["item"] == '{"facility": "131000124", "version": 2}'


RUN_RESULTS = {
    "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"},
    "results": [
        {
            "unique_id": "model.dpc.fact_stay",
            "status": "success",
            "execution_time": 4.25,
            "message": "SUCCESS",
            "timing": [
                {"name": "compile", "started_at": "2025-12-01T01:00:03Z", "completed_at": "2025-12-01T01:00:03.1Z"},
                {"name": "execute", "started_at": "2025-12-01T01:00:04Z", "completed_at": "2025-12-01T01:00:08Z"},
            ],
        },
        {
            "unique_id": "model.dpc.facility_monthly",
            "status": "error",
            "execution_time": 0.5,
            "message": "Database Error\n  division by zero",
            "timing": [],
        },
        {"unique_id": "model.dpc.dpc_monthly", "status": "skipped", "execution_time": 0.0, "timing": []},
        {"unique_id": "test.dpc.unique_fact_stay.0a1b", "status": "pass", "execution_time": 0.2, "timing": []},
        {
            "unique_id": "test.dpc.not_null_fact_stay.9c8d",
            "status": "fail",
            "execution_time": 0.3,
            "message": "Got 2 results, configured to fail if != 0",
            "timing": [],
        },
    ],
}


@pytest.mark.parametrize("states", [("dbt_test_failed",)], indirect=True)
def test_asset_by_asset_dbt_tells_its_models_itself(states: Recorded, dpc: Shell) -> None:
    place = "dpc-learning-data-dev/logs/dbt/2025-07/2025-07-a/dbt/run_results.json"
    states.objects[place] = json.dumps(RUN_RESULTS).encode()
    found = json.loads(dpc("status", "2025-07-a", "--assets", "--json").stdout)
    assert [(each["asset"], each["state"], each["seconds"], each["attempts"]) for each in found["assets"]] == [
        ("mart/dpc_monthly", "not reached", None, 1),
        ("mart/facility_monthly", "failed", 0.5, 1),
        ("mart/fact_stay", "succeeded", 4.25, 1),
        ("not_null_fact_stay", "failed", 0.3, 1),
    ]
    assert found["assets"][2]["started"] == "2025-12-01T01:00:04+00:00"
    assert found["assets"][3]["said"] == "Got 2 results, configured to fail if != 0"
    table = dpc("status", "2025-07-a", "--assets").stdout
    lines = [" ".join(line.split()) for line in table.splitlines()]
    assert "mart/fact_stay succeeded 10:00:04 4.2 s 1" in lines
    assert "mart/facility_monthly failed 0.5 s 1 Database Error" in lines


def test_where_dbt_stored_nothing_its_assets_have_the_state_of_their_unit(dpc: Shell) -> None:
    found = json.loads(dpc("status", "2025-04-a", "--assets", "--json").stdout)
    assert [(each["asset"], each["state"], each["seconds"]) for each in found["assets"]] == [
        ("raw/submissions", "succeeded", 13.45),
        ("raw/dn", "succeeded", 7.49),
        ("raw/loads", "succeeded", 2.12),
        ("mart/fact_stay", "succeeded", None),
        ("dq/results_checks", "succeeded", 8.12),
        ("export/cost_monthly", "succeeded", 6.12),
    ]


def test_the_assets_of_a_parent_are_those_of_its_children(dpc: Shell) -> None:
    text = dpc("status", "daily-1", "--assets").stdout
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "2025-04 raw/loads succeeded 10:00:22 2.1 s 1" in lines
    assert "2025-05 raw/loads not reached" in lines
    assert "archive/raw succeeded 10:02:27 2.1 s 1" in lines


def test_a_parent_holds_its_children(dpc: Shell) -> None:
    done = dpc("status", "daily-1", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    each = next(unit for unit in found["units"] if unit["unit"] == "Run each")
    assert [(child["name"], child["status"]) for child in each["executions"]] == [
        ("2025-04-a", "SUCCEEDED"),
        ("2025-05-a", "FAILED"),
    ]
    assert found["next"] == "dpc aws start"
    assert found["reasons"][0] == "2025-05 dpc-learning-elt 2025-05-a: FAILED"
    text = dpc("status", "daily-1").stdout
    assert "    raw_types          failed" in text
    assert text.count("raw/submissions") == 1, "of a child that ended well one line is enough"


@pytest.mark.parametrize("states", [("load_refused",)], indirect=True)
def test_following_prints_a_line_a_change_and_ends_with_the_execution(states: Recorded, dpc: Shell) -> None:
    states.executions[REFUSED] = recorded("load_redriven_running")
    states.after[REFUSED] = recorded("load_redriven")
    done = dpc("status", REFUSED, "--follow", "--every", "0.2")
    assert done.returncode == 0
    lines = [line[9:].split() for line in done.stderr.splitlines()]
    started = [" ".join(line) for line in lines]
    assert started[0].startswith("dpc-learning-elt 2025-05 2025-05-a: RUNNING")
    assert "raw_types running each 1/2 try 2" in started
    assert "raw_types succeeded 2/2 10:13 try 2" in started
    assert "dbt succeeded 1:00" in started
    assert sum(line.startswith("raw/submissions") for line in started) == 1
    assert "dpc-learning-elt 2025-05 2025-05-a: SUCCEEDED, 11:48, redriven 1x" in done.stdout
    histories = states.asked("GetExecutionHistory")
    assert all(given["reverseOrder"] for given in histories)


def test_a_long_history_is_read_page_by_page(shell: Shell) -> None:
    states = Recorded("load_refused", page=7)
    with served(states) as settings:
        paged = shell.using(settings)("status", "2025-05-a", "--json")
    assert len(states.asked("GetExecutionHistory")) > 5
    whole = Recorded("load_refused")
    with served(whole) as settings:
        assert shell.using(settings)("status", "2025-05-a", "--json") == paged


def test_on_a_terminal_the_table_is_drawn_again_in_its_place(dpc: Shell) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "dpc_assets.cli.main", "aws", "status", "2025-04-a", "--follow"],
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
        timeout=60,
    )
    os.close(theirs)
    drawn = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "Ctrl-C: stop looking" in drawn
    assert "\x1b[" in drawn
    assert "dpc-learning-elt 2025-04 2025-04-a: SUCCEEDED, 1:41" in done.stdout.decode()


@pytest.mark.parametrize("states", [("load_redriven_running",)], indirect=True)
def test_ctrl_c_stops_looking_and_says_that_the_execution_goes_on(dpc: Shell) -> None:
    command = [sys.executable, "-m", "dpc_assets.cli.main", "aws", "status", REFUSED, "--follow", "--every", "0.1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "RUNNING" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert f"the execution goes on; look again with: dpc aws status {REFUSED} --follow" in err
