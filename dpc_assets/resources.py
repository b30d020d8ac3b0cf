"""What the assets are given: the lake, the warehouse, the notifier; together they make the steps' `Ports`.

Every setting has a default that is read when a run starts, never at import:

    DPC_LAKE        folder or s3://bucket/prefix          default ./data/lake
    DPC_LAKE_OVERLAY    folder that takes every write instead of the lake (dry runs)
    DPC_WAREHOUSE   DuckDB file                           default ./data/dpc.duckdb
    DPC_ID_KEY      key of the patients' common id        default a file outside lake and project, made once
    DPC_ID_KEY_SECRET   ARN or name in Secrets Manager, read where DPC_ID_KEY is not set
    DPC_SNS_TOPIC   ARN of a topic for run summaries      default: the terminal
    DPC_SLACK_WEBHOOK   https address of a Slack webhook for run summaries
"""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from dagster import BetaWarning, ConfigurableResource, InitResourceContext, ResourceDependency
from dagster_aws.s3 import S3Resource
from dagster_aws.secretsmanager import SecretsManagerResource

from dpc_assets.local import lock
from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.local.defaults import DEFAULT_LAKE, DEFAULT_WAREHOUSE
from dpc_assets.local.id_key import id_key
from dpc_assets.local.overlay import OverlayStore
from dpc_assets.steps import migrate
from dpc_assets.steps.channels import Several, SlackNotifier, SnsNotifier, TerminalNotifier
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.ports import Notifier, ObjectStore, Ports, Warehouse
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import S3Store, open_store

PROJECT = Path(__file__).resolve().parents[1]
"""The folder of the project: where dbt/ and workspace.yaml stand."""


def lake_location() -> str:
    """The lake of this process: DPC_LAKE or ./data/lake."""
    return os.environ.get("DPC_LAKE") or str(Path(DEFAULT_LAKE).absolute())


def warehouse_path() -> Path:
    """The warehouse file of this process: DPC_WAREHOUSE or ./data/dpc.duckdb."""
    return Path(os.environ.get("DPC_WAREHOUSE") or DEFAULT_WAREHOUSE).absolute()


def now() -> datetime:
    """The clock of every step."""
    return datetime.now(UTC)


class LakeResource(ConfigurableResource):  # type: ignore[type-arg]
    """The lake: a folder or s3://bucket/prefix (session of dagster-aws; credentials are boto3's usual ones).

    `address`: empty for DPC_LAKE.
    """

    address: str = ""

    def store(self) -> ObjectStore:
        """The object store at the lake's address."""
        location = self.address or lake_location()
        scheme, _, rest = location.partition("://")
        if scheme == "s3" and rest:
            bucket, _, prefix = rest.partition("/")
            store: ObjectStore = S3Store(bucket, prefix, S3Resource().get_client())
        else:
            store = open_store(location)
        overlay = os.environ.get("DPC_LAKE_OVERLAY")
        return OverlayStore(store, Path(overlay)) if overlay else store


class WarehouseResource(ConfigurableResource):  # type: ignore[type-arg]
    """The DuckDB file; it is open only while a batch of statements runs. `path`: empty for DPC_WAREHOUSE."""

    path: str = ""

    def file(self) -> Path:
        return Path(self.path).absolute() if self.path else warehouse_path()

    def warehouse(self, store: ObjectStore) -> Warehouse:
        """The warehouse port; COPY and UNLOAD reach the lake through `store`."""
        return DataApiWarehouse(DuckDBDataApi(self.file(), store))


class NotifierResource(ConfigurableResource):  # type: ignore[type-arg]
    """Where run summaries go: an SNS topic (`topic`: empty for DPC_SNS_TOPIC), or the terminal."""

    topic: str = ""

    def notifier(self) -> Notifier:
        topic = self.topic or os.environ.get("DPC_SNS_TOPIC", "")
        webhook = os.environ.get("DPC_SLACK_WEBHOOK", "")
        channels: list[Notifier] = [SnsNotifier(topic)] if topic else []
        channels += [SlackNotifier(lambda: webhook)] if webhook else []
        return Several(channels or [TerminalNotifier(sys.stdout)])


class PipelineResource(ConfigurableResource):  # type: ignore[type-arg]
    """What a step is called with, put together from the other resources.

    While a run has it, the run holds the warehouse's lock (from its first step to its last) and the tables exist.
    """

    lake: ResourceDependency[LakeResource]
    warehouse: ResourceDependency[WarehouseResource]
    notifier: ResourceDependency[NotifierResource]

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator["PipelineResource"]:
        with lock.hold(self.warehouse.file(), _purpose(context)):
            ports = self.ports()
            migrate.run(Run(context.run.run_id if context.run else "", ()), ports)
            yield self

    def ports(self) -> Ports:
        store = self.lake.store()
        return Ports(store, self.warehouse.warehouse(store), now, self.notifier.notifier(), self.id_key)

    def id_key(self) -> bytes:
        """The HMAC key of the common id: DPC_ID_KEY, else the named secret, else the laptop's own file."""
        secret = os.environ.get("DPC_ID_KEY_SECRET", "")
        if secret and not os.environ.get("DPC_ID_KEY"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", BetaWarning)  # dagster-aws marks the class as beta
                client = SecretsManagerResource().get_client()
            return str(client.get_secret_value(SecretId=secret)["SecretString"]).encode()
        return id_key(os.environ)


def _purpose(context: InitResourceContext) -> str:
    """Who holds the lock, in words for whoever waits."""
    run = context.run
    if run is None:
        return "dagster"
    months = run.tags.get("dagster/partition") or run.tags.get("dpc/months", "")
    return f"Dagster run {run.run_id[:8]} {months}".strip()
