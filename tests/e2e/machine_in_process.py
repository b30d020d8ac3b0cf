"""The compiled machine, run in Python: its functions are called as their zips call them, dbt runs as a process.

S3, SNS and Secrets Manager are moto's, the warehouse is a DuckDB file behind the Data API's shape; the machine, the
first state, the claim, the handler and the steps are those that are deployed.
"""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3

from compiler import build, interpret, selection_graph
from compiler.functions import functions, hole, is_plan
from compiler.interpret import Answer, Call, Execution, Failure
from compiler.runtime import graph_file, plan_run
from compiler.runtime.handler import bind
from dpc_assets.assets.dbt_project import DBT_FOLDER, dbt_executable
from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.steps import in_lambda
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.store import S3Store

ROOT = Path(__file__).parents[2]
CLOUD: list["Cloud"] = []
"""The one that is running: the adapter below is found by its name, as in a zip."""


def call(step: Callable[..., Any], event: Mapping[str, Any], context: Any) -> object:
    """`in_lambda.call`, with the Data API of this machine."""
    cloud = CLOUD[-1]
    return in_lambda.answer(step, event, context, cloud.environ, cloud.client, lambda: cloud.now or datetime.now(UTC))


@dataclass
class Cloud:
    """A lake in a bucket, a warehouse, the environment of the functions; `words` collects what dbt was asked for.

    `now`: what the steps take for the present, None for the machine's own clock.
    """

    folder: Path
    environ: Mapping[str, str]
    words: list[str] = field(default_factory=list)
    clients: dict[str, Any] = field(default_factory=dict)
    now: datetime | None = None

    @cached_property
    def draft(self) -> build.Draft:
        found = build.read("dpc_assets.definitions:defs", ROOT, "dpc_assets.assets.dbt_project:ensure_dbt_manifest")
        return build.run(build.LOWERING, found)

    @property
    def store(self) -> S3Store:
        return S3Store("lake", "", self.client("s3"))

    @property
    def database(self) -> Path:
        return self.folder / "dpc.duckdb"

    def client(self, service: str) -> Any:
        if service not in self.clients:
            made = DuckDBDataApi(self.database, self.store) if service == "redshift-data" else boto3.client(service)
            self.clients[service] = made
        return self.clients[service]

    def fetch(self, sql: str) -> list[Any]:
        return DataApiWarehouse(self.client("redshift-data")).fetch(sql, name="test")

    def run(self, machine: str, given: dict[str, Any], name: str) -> Execution:
        """One execution of a compiled machine, `given` as its input."""
        CLOUD.append(self)
        try:
            machines = self.draft.machines
            return interpret.run(
                machines[machine],
                given,
                self.work,
                name=name,
                machine_name=machine,
                machines={"${machine_" + each.replace("-", "_") + "}": text for each, text in machines.items()},
                began=datetime.now(UTC),
            )
        finally:
            CLOUD.pop()

    def work(self, call: Call) -> Answer | Failure:
        """What a task does, in earnest. An exception's class is the error's name, as Lambda reports it."""
        try:
            if "ecs:runTask" in call.resource:
                (override,) = call.arguments["Overrides"]["ContainerOverrides"]
                return self._dbt({each["Name"]: each["Value"] for each in override["Environment"]})
            return Answer(self._invoke(call.arguments["FunctionName"], call.arguments["Payload"]))
        except Exception as error:
            return Failure(type(error).__name__, str(error))

    def _invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        (function,) = (each for each in functions(self.draft.graph) if "${" + hole(each.name) + "}" == name)
        if is_plan(function):
            known = json.loads(selection_graph.text(selection_graph.selection_graph(self.draft.graph)))
            return plan_run.run(graph_file.from_json(known), event, datetime.now(UTC))
        claim = self.draft.graph.machine.claim
        assert claim is not None and function.call == "dpc_assets.steps.in_lambda:call"
        place = {"bucket": claim.bucket, "key": claim.key}
        return bind(function.run, "machine_in_process:call", function.writes, place)(event, None)

    def _dbt(self, told: Mapping[str, str]) -> Answer | Failure:
        """What the container does: the words as one `dbt build`, of the partition."""
        self.words.append(told["WORDS"])
        months = told["PARTITION"].replace("-", "")
        target = str(self.folder / "target")
        done = subprocess.run(
            [
                dbt_executable(),
                *("build", "--exclude-resource-type", "unit_test", "--vars", f'{{"months": "{months}"}}'),
                *("--project-dir", str(DBT_FOLDER), "--profiles-dir", str(DBT_FOLDER), "--target-path", target),
                *("--log-path", target, "--select", *told["WORDS"].split()),
            ],
            env=os.environ | {"DPC_WAREHOUSE": str(self.database), "DBT_INDIRECT_SELECTION": "buildable"},
            capture_output=True,
            text=True,
            check=False,
        )
        return Answer({}) if done.returncode == 0 else Failure("DbtFailed", done.stdout[-4000:] + done.stderr)
