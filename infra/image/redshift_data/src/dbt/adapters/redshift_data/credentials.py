"""What a target of type `redshift_data` says in profiles.yml."""

import re
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from dbt.adapters.contracts.connection import Credentials
from dbt.adapters.redshift_data import endpoint
from dbt_common.exceptions import DbtRuntimeError

_WORKGROUP = re.compile(r"[a-z0-9-]{3,63}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]")
_BOUNDS = {
    "session_keep_alive_seconds": (30, 86_400),
    "wait_seconds": (0, 30),
    "max_sessions": (1, 500),
}


@dataclass
class RedshiftDataCredentials(Credentials):
    """A workgroup of Redshift Serverless, as whom the process is in IAM: there is no user, password, host or port.

    session_keep_alive_seconds: how long an idle session lives. Longer than the longest pause between two statements of
    a node, and short, because a dbt that was killed leaves its transaction and its locks open for that long.
    wait_seconds: how long one call waits for a statement to end; 0: short calls with growing pauses.
    max_sessions: sessions in use at a time, at most. endpoint_url: a service on this machine, for tests.
    """

    workgroup_name: str
    region: str
    endpoint_url: str | None = None
    session_keep_alive_seconds: int = 300
    wait_seconds: int = 20
    max_sessions: int = 50

    # What dbt-redshift reads of its own credentials. With `retries` it would send one statement of a failed transaction
    # again, in a new one: never here. The others are its defaults.
    retries: ClassVar[int] = 0
    retry_all: ClassVar[bool] = False
    autocommit: ClassVar[bool] = True
    ra3_node: ClassVar[bool] = False
    datasharing: ClassVar[bool] = False
    query_group: ClassVar[str | None] = None
    allow_concurrent_drops: ClassVar[bool] = False
    drop_without_cascade: ClassVar[bool] = False

    def __post_init__(self) -> None:
        self.user: str | None = None  # told by the warehouse: dbt-redshift leaves it out of the grants
        problems = []
        if not _WORKGROUP.fullmatch(self.workgroup_name):
            problems.append(f"workgroup_name: expected a name such as dpc-learning-dev, found {self.workgroup_name!r}")
        if not _REGION.fullmatch(self.region):
            problems.append(f"region: expected a name such as ap-northeast-1, found {self.region!r}")
        problems += [
            f"{name}: expected a name, found none" for name in ("database", "schema") if not getattr(self, name)
        ]
        for name, (least, most) in _BOUNDS.items():
            if not least <= getattr(self, name) <= most:
                problems.append(f"{name}: expected {least} to {most}, found {getattr(self, name)}")
        if self.endpoint_url and (problem := endpoint.problem(self.endpoint_url)):
            problems.append(f"endpoint_url: {problem}")
        if problems:
            raise DbtRuntimeError("\n".join(problems))

    @classmethod
    def validate(cls, data: Any) -> None:
        known = {each.name for each in fields(cls)}
        if foreign := sorted(set(data) - known):
            raise DbtRuntimeError(
                f"expected only {', '.join(sorted(known))}, found {', '.join(foreign)}: the Data API connects by IAM, "
                "with no host, port, user or password; remove them from the target"
            )
        super().validate(data)

    @property
    def type(self) -> str:
        return "redshift_data"

    @property
    def unique_field(self) -> str:
        return self.workgroup_name

    def _connection_keys(self) -> tuple[str, ...]:
        return tuple(each.name for each in fields(self))
