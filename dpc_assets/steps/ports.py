"""What a step may touch, as small protocols. A step gets them in `Ports`; it never builds a client itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol

Value = str | int | float | bool | None
Row = tuple[Value, ...]


@dataclass(frozen=True)
class ObjectInfo:
    """One stored object: its key relative to the lake's root, its size in bytes, when it was written (aware)."""

    key: str
    size: int
    modified: datetime | None = field(default=None, compare=False)


class ObjectStore(Protocol):
    """The lake: a folder or an S3 prefix. Keys are relative, with `/`, never starting with one.

    A missing key raises `errors.InputError`; refused access and throttling raise `errors.RetryLater`.
    """

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Objects whose key starts with `prefix`, in key order (code points)."""

    def open(self, key: str) -> BinaryIO:
        """A readable stream of the object; the caller closes it."""

    def read(self, key: str) -> bytes:
        """The whole object; for small ones."""

    def exists(self, key: str) -> bool: ...

    def write(self, key: str, data: bytes) -> None:
        """Stores the object whole or not at all."""

    def writer(self, key: str) -> AbstractContextManager[BinaryIO]:
        """A writable stream, stored when the block ends well and dropped when it raises."""

    def copy(self, source: ObjectInfo, target: str) -> None:
        """Stores the content of `source` under another key too, whole or not at all, without passing through here
        where the store can do so. Raises InputError for an object that is too large for that."""

    def sha256(self, key: str) -> str | None:
        """SHA-256 in hex of the object as it is stored, also where it can no longer be read at once.

        None where the store does not know it; it knows that of every copy.
        """

    def delete(self, key: str) -> None:
        """Deletes the object; a key that is not there is no error."""

    def uri(self, key: str) -> str:
        """The `s3://` address that COPY and UNLOAD are given."""

    def display(self, key: str) -> str:
        """Where a person finds the object: a path or an `s3://` address."""


class Warehouse(Protocol):
    """SQL in Redshift's dialect. The shape is the Data API's: batches of 1 to 40 statements in ONE transaction."""

    def execute(self, statements: Sequence[str], *, name: str) -> tuple[int, ...]:
        """Runs the batch; answers the affected rows per statement (-1 where the engine gives none).

        Raises `errors.WarehouseError` (nothing was kept) or `errors.RetryLater`.
        """

    def fetch(self, statement: str, *, name: str) -> list[Row]:
        """Runs one statement by itself, in no transaction with others; answers its rows, if it has any.

        For control data only: never for rows of patients in bulk.
        """


class Notifier(Protocol):
    def send(self, subject: str, body: str, attributes: Mapping[str, str]) -> None:
        """Publishes one message; raises `errors.RetryLater` where the channel refuses."""


Clock = Callable[[], datetime]
"""Now, as an aware datetime in UTC."""


@dataclass(frozen=True)
class Ports:
    """Everything outside a step. `id_key` answers the HMAC key of `raw.kn`; it raises InputError where none is set."""

    store: ObjectStore
    warehouse: Warehouse
    clock: Clock
    notifier: Notifier
    id_key: Callable[[], bytes]
