"""What the deployed machine adds to its tasks: `python -m tests.bench.aws_local [--months N] [--json]`.

An AWS on a laptop is started, Terraform applies the platform, and the parent machine runs months of invented hospitals
that begin with cold Lambdas; then `dpc run` runs the same lake on DuckDB. `overhead_s` is the time of an execution in
which none of its tasks ran; `added` is what was neither a Lambda's handler nor the dbt task's container.
"""

import argparse
import json
import os
import re
import sys
import time
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

from dpc_assets.sample import generate
from dpc_assets.steps.store import FolderStore, S3Store
from tests.bench.__main__ import MB, MONTH, timed

sys.path.insert(0, str(Path(__file__).parents[2] / "infra" / "local"))
sys.path.insert(0, str(Path(__file__).parents[1] / "local"))

import machine_time
from aws_local import children
from local_aws import LocalAws, contents, place, processes, why_not
from machine_time import Task
from server_memory import ServerMemory

FACILITIES, STAYS = 2, 200
ELT, PARENT, CLUSTER = "dpc-learning-elt", "dpc-learning-schedule", "dpc-learning-dbt-dev"
MACHINE = f"arn:aws:states:{place.REGION}:{place.ACCOUNT}:stateMachine:"
REPORT = re.compile(r"\tDuration: ([\d.]+) ms.*\tMax Memory Used: (\d+) MB(?:\tInit Duration: ([\d.]+) ms)?")

Executions = list[tuple[str, float, tuple[Task, ...]]]
"""Name, wall seconds and tasks of each: the parent's, then those that it started, in order."""
Invocations = list[tuple[float, int, float]]
"""Seconds of the handler, most memory in MB and seconds of the start (0: the worker was warm), of each."""


def deployed_run(aws: LocalAws) -> Executions:
    """Runs the parent machine to its end; ends this program where something of it failed."""
    states = aws.client("stepfunctions")
    arn = states.start_execution(stateMachineArn=MACHINE + PARENT, input="{}")["executionArn"]
    while (ended := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        time.sleep(0.5)
    started = states.list_executions(stateMachineArn=MACHINE + ELT)["executions"]
    runs = [ended, *(states.describe_execution(executionArn=each["executionArn"]) for each in started)]
    if broken := [each for each in runs if each["status"] != "SUCCEEDED"]:
        sys.exit("\n".join(f"{each['name']}: {each['status']}: {each['error']}: {each['cause']}" for each in broken))
    found = []
    for each in sorted(runs, key=lambda run: run["startDate"]):
        pages = states.get_paginator("get_execution_history").paginate(executionArn=each["executionArn"])
        events = [event for page in pages for event in page["events"]]
        name = json.loads(each["input"]).get("partition", PARENT)
        found.append((name, machine_time.wall(events), machine_time.tasks(events)))
    return found


def invoked(aws: LocalAws, since: float) -> Invocations:
    """As the functions' REPORT lines tell them."""
    logs, found = aws.client("logs"), []
    for group in logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]:
        pages = logs.get_paginator("filter_log_events")
        for page in pages.paginate(logGroupName=group["logGroupName"], startTime=int(since * 1000)):
            lines = [line for event in page["events"] if (line := REPORT.search(event["message"]))]
            found += [(float(line[1]) / 1000, int(line[2]), float(line[3] or 0) / 1000) for line in lines]
    return found


def contained(aws: LocalAws) -> float:
    """Seconds from asking for each dbt task to the start of its container; the server tells whole seconds."""
    ecs = aws.client("ecs")
    arns = ecs.list_tasks(cluster=CLUSTER, desiredStatus="STOPPED")["taskArns"]
    found = ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"]
    return sum((each["startedAt"] - each["createdAt"]).total_seconds() for each in found)


def measure(folder: Path, months: int) -> dict[str, Any]:
    lake = folder / "lake"
    made = generate(str(lake), MONTH, months=months, facilities=FACILITIES, stays=STAYS)
    names = sorted({each.submission.month for each in made.written})
    size = {"months": months, "facilities": FACILITIES, "stays": made.stays, "records": made.records}
    load = os.getloadavg()[0]
    aws = LocalAws()
    try:
        aws.start(folder / "aws")
        memory = ServerMemory(aws.pid, children.descendants)
        memory.start()
        outputs = aws.apply().outputs()
        contents.put_id_key(aws.port, str(outputs["id_key_secret_arn"]))
        aws.migrate()
        bucket = S3Store(place.BUCKET, "", aws.client("s3"))
        for each in FolderStore(lake).list(""):
            bucket.write(each.key, (lake / each.key).read_bytes())
        since = time.time()
        executions = deployed_run(aws)
        lambdas, containers_s = invoked(aws, since), contained(aws)
        memory.stop()
    finally:
        processes.end_all()
        aws.stop()
    dpc, span = str(Path(sys.executable).with_name("dpc")), f"{names[0]}..{names[-1]}"
    command = [dpc, "run", "--lake", str(lake), "--warehouse", str(folder / "run.duckdb"), "--month", span]
    plain = timed(command, DAGSTER_HOME=str(folder / "dagster"))
    wall = executions[0][1]
    leaves = tuple(task for _, _, tasks in executions for task in tasks if not task.service.startswith("states"))
    every = times(wall, leaves)
    return {
        "lake": size | {"mb": made.size / MB},
        "machine": {"cores": os.cpu_count(), "load_before": load},
        "seconds": {"server_start": aws.seconds["start"], "compile_and_terraform_apply": aws.seconds["apply"]},
        "executions": {name: times(*told) for name, *told in executions} | {"all, without Run": every},
        "states": states([task for _, _, tasks in executions for task in tasks]),
        "lambda": starts(lambdas),
        "added": added(every, leaves, lambdas, containers_s),
        "memory_mb": memory.peaks,
        "dpc run": {"seconds": plain.seconds, "group_rss_mb": plain.peak or "not measured"},
        "deployed over dpc run": {"wall": wall / plain.seconds},
    }


def times(wall: float, tasks: tuple[Task, ...]) -> dict[str, float]:
    """`busy_s`: the tasks' seconds, where those that overlap count once."""
    sum_s, busy_s = sum(task.seconds for task in tasks), machine_time.busy(tasks)
    rest = {"overhead_s": wall - busy_s, "of_wall": (wall - busy_s) / wall}
    return {"wall_s": wall, "tasks": len(tasks), "tasks_s": sum_s, "busy_s": busy_s} | rest


def states(tasks: list[Task]) -> dict[str, dict[str, float]]:
    found: dict[str, list[float]] = {}
    for task in sorted(tasks, key=lambda each: each.start):
        found.setdefault(task.state, []).append(task.seconds)
    return {name: {"tasks": len(s), "sum_s": sum(s), "mean_s": fmean(s), "max_s": max(s)} for name, s in found.items()}


def starts(lambdas: Invocations) -> dict[str, dict[str, float]]:
    """Invocations of fresh workers and of those that had answered before."""
    cold, warm = [each for each in lambdas if each[2]], [each for each in lambdas if not each[2]]
    return {
        name: {
            "calls": len(found),
            "start_mean_s": fmean(each[2] for each in found),
            "handler_mean_s": fmean(each[0] for each in found),
            "most_mb_of_one": max(each[1] for each in found),
        }
        for name, found in (("cold", cold), ("warm", warm))
        if found
    }


def added(every: dict[str, float], leaves: tuple[Task, ...], lambdas: Invocations, containers_s: float) -> Any:
    """Seconds beyond handlers and containers; those of the items of a map may have passed side by side."""
    called_s = sum(task.seconds for task in leaves if task.service == "lambda")
    started_s, handled_s = sum(each[2] for each in lambdas), sum(each[0] for each in lambdas)
    found = {"between_tasks_s": every["overhead_s"], "lambda_starts_s": started_s}
    found |= {"lambda_calls_s": called_s - started_s - handled_s, "container_starts_s": containers_s}
    return found | {"sum_s": sum(found.values()), "of_wall": sum(found.values()) / every["wall_s"]}


def table(head: str, rows: dict[str, Any]) -> str:
    """One row a name: its figure, or its figures in columns."""
    if not rows:
        return f"{head}: not measured"
    columns = next((list(row) for row in rows.values() if isinstance(row, dict)), [])
    values = [row.values() if isinstance(row, dict) else [row] for row in rows.values()]
    cells = [[head, *columns], *([name, *map(text, row)] for name, row in zip(rows, values, strict=True))]
    wide = max(len(row[0]) for row in cells)
    return "\n".join("  ".join([row[0].ljust(wide), *(cell.rjust(14) for cell in row[1:])]).rstrip() for row in cells)


def text(value: Any) -> str:
    return f"{value:,.3f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--months", type=int, default=2, help="of the lake (default: %(default)s)")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if reason := why_not():
        print(f"aws_local SKIPPED: {reason}")
        return
    with TemporaryDirectory(prefix="dpc-bench-") as folder:
        figures = measure(Path(folder), chosen.months)
    print(json.dumps(figures, indent=1) if chosen.json else "\n\n".join(map(table, figures, figures.values())))


if __name__ == "__main__":
    main()
