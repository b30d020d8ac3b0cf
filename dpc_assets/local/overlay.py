"""A lake that is only looked at: what is written lands in a folder, what is deleted is remembered."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from heapq import merge
from pathlib import Path
from typing import BinaryIO

from dpc_assets.steps.errors import InputError
from dpc_assets.steps.ports import ObjectInfo, ObjectStore
from dpc_assets.steps.store import FolderStore


class OverlayStore:
    """`base` with `folder` laid over it: reads see both, writes and deletes never reach `base`."""

    def __init__(self, base: ObjectStore, folder: Path) -> None:
        self._base = base
        self._over = FolderStore(folder / "written")
        self._gone = FolderStore(folder / "deleted")

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        over = list(self._over.list(prefix))
        hidden = {each.key for each in over} | {each.key for each in self._gone.list(prefix)}
        below = (each for each in self._base.list(prefix) if each.key not in hidden)
        yield from merge(below, over, key=lambda each: each.key)

    def open(self, key: str) -> BinaryIO:
        return self._holding(key).open(key)

    def read(self, key: str) -> bytes:
        return self._holding(key).read(key)

    def exists(self, key: str) -> bool:
        return self._over.exists(key) or (not self._gone.exists(key) and self._base.exists(key))

    def write(self, key: str, data: bytes) -> None:
        self._over.write(key, data)

    def writer(self, key: str) -> AbstractContextManager[BinaryIO]:
        return self._over.writer(key)

    def copy(self, source: ObjectInfo, target: str) -> None:
        with self.open(source.key) as stream, self.writer(target) as copied:
            shutil.copyfileobj(stream, copied)

    def sha256(self, key: str) -> str | None:
        return self._holding(key).sha256(key)

    def delete(self, key: str) -> None:
        self._over.delete(key)
        self._gone.write(key, b"")

    def uri(self, key: str) -> str:
        return self._base.uri(key)

    def display(self, key: str) -> str:
        return self._base.display(key)

    def _holding(self, key: str) -> ObjectStore:
        if self._over.exists(key):
            return self._over
        if self._gone.exists(key):
            raise InputError(f"{key}: not found in the lake; check the lake's address and the key")
        return self._base
