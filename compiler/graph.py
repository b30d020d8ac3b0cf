"""What depends on what, and what each asset needs in order to run: the first representation. All frozen, all plain.

An asset is what a person selects; a unit is what runs. Seven assets of one multi-asset are one unit; an asset that runs
as a chain of steps is one unit of several steps; after `fuse` many dbt models are one unit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

DEFAULT_DURATION_S = 60.0
"""Estimate of a unit that neither a run record nor its declaration times."""


@dataclass(frozen=True)
class Permission:
    """Part of an IAM policy: `actions` on `resources` (ARNs, maybe with `${holes}`), under `condition` (IAM's form)."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, str | tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Retry:
    """When a task is tried again: error names, seconds before the first, attempts, growth, cap in seconds."""

    errors: tuple[str, ...]
    interval_s: int = 5
    attempts: int = 6
    backoff: float = 2.0
    cap_s: int = 120
    jitter: bool = True


@dataclass(frozen=True)
class Function:
    """One Lambda function. `run` is `module:function`, taken from the function object; `call` is what calls it.

    `name` is the function's name in AWS; memory and ephemeral storage in MB, timeout in seconds (Lambda: 1 to 900).
    `writes`: it holds the writer's claim. `env` values may hold `${holes}`. `data`: files or folders beside the code
    that the zip needs and no string of the code names. `role`: name of a role of its own, empty for that of all others.
    """

    name: str
    run: str
    call: str = ""
    memory_mb: int = 512
    ephemeral_mb: int = 512
    timeout_s: int = 300
    layers: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    permissions: tuple[Permission, ...] = ()
    data: tuple[str, ...] = ()
    writes: bool = False
    role: str = ""


@dataclass(frozen=True)
class LambdaStep:
    """One call of a function."""

    function: Function


@dataclass(frozen=True)
class MapStep:
    """`items` answers a list (file keys, say); `each` is called once an item, `concurrency` at a time (1 to 40)."""

    items: Function
    each: Function
    concurrency: int = 10


@dataclass(frozen=True)
class StatementStep:
    """SQL through the Redshift Data API: one transaction, asked after every `poll_s` seconds until `timeout_s`.

    `sql` may hold `:partition`, bound as a parameter of each statement that uses it.
    """

    sql: tuple[str, ...]
    workgroup: str
    database: str
    poll_s: int = 5
    timeout_s: int = 3600


@dataclass(frozen=True)
class ContainerStep:
    """A Fargate task that reports by task token and beats at least every `heartbeat_s` seconds.

    `words` is what it is asked to do (dbt: model names), one word an asset, given as the environment variable WORDS;
    `fuse`: units of one label (and otherwise equal settings) may run in one container, which takes `startup_s` to
    start. Cluster, task definition, subnets and security groups are `${holes}` or ids (lists comma-separated).
    """

    cluster: str
    task_definition: str
    container: str
    subnets: str
    security_groups: str
    words: tuple[tuple[str, str], ...] = ()
    fuse: str = ""
    assign_public_ip: bool = True
    heartbeat_s: int = 120
    timeout_s: int = 7200
    startup_s: float = 45.0
    env: tuple[tuple[str, str], ...] = ()
    permissions: tuple[Permission, ...] = ()


Step = LambdaStep | MapStep | StatementStep | ContainerStep


@dataclass(frozen=True)
class Check:
    """A check of an asset. `function` where it runs as a state of its own after the asset's steps.

    `inside`: the asset's own step runs it (same op in Dagster, or a dbt test). A blocking check stops what is
    downstream.
    """

    asset: str
    name: str
    blocking: bool = False
    inside: bool = False
    function: Function | None = None


@dataclass(frozen=True)
class Asset:
    """One asset as a person selects it. `key` is Dagster's, joined by `/`; `unit` is empty for what nothing here makes.

    `deps` are keys, `tags` and `owners` as in Dagster; `neighbours` are the keys that always run with it.
    """

    key: str
    deps: tuple[str, ...] = ()
    unit: str = ""
    group: str = "default"
    kinds: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    partitioned: bool = False
    code_version: str = ""
    neighbours: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    table: str = ""
    dbt_id: str = ""


@dataclass(frozen=True)
class Unit:
    """What runs as one: `steps` in order, then `checks` that have a function. `keys` are its assets, sorted.

    `subset`: it can make some of its keys and is told which; otherwise all run together. `duration_s` is the estimate
    that the plan is made by. `on`: "run" (the machine) or "schedule" (the parent machine, after its loop).
    """

    name: str
    keys: tuple[str, ...]
    steps: tuple[Step, ...]
    checks: tuple[Check, ...] = ()
    duration_s: float = DEFAULT_DURATION_S
    retry: Retry | None = None
    subset: bool = False
    on: str = "run"


@dataclass(frozen=True)
class Partitions:
    """The one partition definition of the machine: `static` with `keys`, or a time window.

    kind is static, hourly, daily, weekly or monthly; `start` is the first key, `fmt` the strftime format of a key,
    `end_offset` as in Dagster (0: the last key is the last window that has ended).
    """

    kind: str
    keys: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    fmt: str = ""
    timezone: str = "UTC"
    end_offset: int = 0
    minute: int = 0
    hour: int = 0
    day: int = 0


@dataclass(frozen=True)
class Claim:
    """The object that one writing execution holds: bucket (may be a `${hole}`) and key."""

    bucket: str
    key: str


@dataclass(frozen=True)
class Schedule:
    """The parent machine: `find_work` answers the inputs of child executions. cron has five fields, as in Dagster."""

    machine: str
    find_work: Function
    cron: str = ""
    timezone: str = "UTC"
    wait_s: int = 21600


@dataclass(frozen=True)
class Machine:
    """What holds for the whole machine, from the metadata of the `Definitions`. `finish` is its last state;
    `functions` are those of the deployment that no state calls, sorted by name.

    `roles`: what runs -> role name, for lambda, machine, container, schedule. `retry`: what every Lambda task retries
    beside Lambda's own transient errors. `expected_runs_per_month` is for the cost estimate.
    """

    name: str
    prefix: str = ""
    finish: Function | None = None
    functions: tuple[Function, ...] = ()
    claim: Claim | None = None
    schedule: Schedule | None = None
    retry: Retry | None = None
    roles: tuple[tuple[str, str], ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    permissions: tuple[Permission, ...] = ()
    plan_memory_mb: int = 256
    timeout_s: int = 86400
    expected_runs_per_month: int = 30


@dataclass(frozen=True)
class Graph:
    """Assets and units, each sorted by key or name; whatever order the definitions came in, the same graph."""

    machine: Machine
    assets: tuple[Asset, ...]
    units: tuple[Unit, ...]
    partitions: Partitions | None = None
    layers: tuple[tuple[str, str], ...] = ()

    @cached_property
    def asset(self) -> Mapping[str, Asset]:
        return {asset.key: asset for asset in self.assets}

    @cached_property
    def unit(self) -> Mapping[str, Unit]:
        return {unit.name: unit for unit in self.units}

    @cached_property
    def edges(self) -> frozenset[tuple[str, str]]:
        """(before, after) between unit names; assets that nothing here makes are looked through."""
        return frozenset(
            (parent, asset.unit)
            for asset in self.assets
            if asset.unit
            for parent in self._made_by(asset.deps)
            if parent != asset.unit
        )

    def _made_by(self, keys: Iterable[str]) -> set[str]:
        found: set[str] = set()
        seen: set[str] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key in seen or key not in self.asset:
                continue
            seen.add(key)
            asset = self.asset[key]
            if asset.unit:
                found.add(asset.unit)
            else:
                waiting += asset.deps
        return found
