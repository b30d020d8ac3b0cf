"""What a profile of type `redshift_data` says: where the warehouse is. Who connects is the caller's IAM identity."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from dbt.adapters.contracts.connection import Credentials
from dbt_common.exceptions import DbtRuntimeError

_KEEP_ALIVE = range(60, 3601)


@dataclass
class RedshiftDataCredentials(Credentials):
    """workgroup: of Redshift Serverless. region: empty for the SDK's default.

    session_keep_alive: seconds that a session outlives its last statement. Longer than the longest pause between two
    statements of one node; short, because a dbt that dies leaves its transaction and locks for as long: no call of the
    Data API closes a session.
    lazy_begin: BEGIN goes out with the first statement that is no query; a transaction of queries alone costs no call.
    """

    workgroup: str
    region: str = ""
    session_keep_alive: int = 120
    lazy_begin: bool = True
    datasharing: bool = False
    ra3_node: bool = False
    allow_concurrent_drops: bool = False
    drop_without_cascade: bool = False

    # The rest of what dbt-redshift reads, fixed.
    autocommit: ClassVar[bool] = True
    query_group: ClassVar[None] = None
    retries: ClassVar[int] = 0
    """dbt-redshift would repeat the statement that failed, alone, after its transaction was rolled back."""
    retry_all: ClassVar[bool] = False

    _ALIASES: ClassVar[dict[str, str]] = {"dbname": "database"}

    def __post_init__(self) -> None:
        self.user: str | None = None  # the adapter asks the warehouse when it has to know
        if self.session_keep_alive not in _KEEP_ALIVE:
            raise DbtRuntimeError(
                f"session_keep_alive: expected {_KEEP_ALIVE[0]} to {_KEEP_ALIVE[-1]} seconds, "
                f"found {self.session_keep_alive}"
            )

    @classmethod
    def validate(cls, data: Any) -> None:
        """Refuses what this type has no use for: a host or a password would look as if it were used."""
        unknown = sorted(set(data) - {each.name for each in fields(cls)} - set(cls._ALIASES))
        if unknown:
            raise DbtRuntimeError(
                f"{', '.join(unknown)}: not of adapter type redshift_data, which connects as the caller's IAM identity"
            )
        super().validate(data)

    @property
    def type(self) -> str:
        return "redshift_data"

    @property
    def unique_field(self) -> str:
        return self.workgroup

    def _connection_keys(self) -> tuple[str, ...]:
        return (
            "workgroup",
            "region",
            "database",
            "schema",
            "session_keep_alive",
            "lazy_begin",
            "datasharing",
            "ra3_node",
            "allow_concurrent_drops",
            "drop_without_cascade",
        )
