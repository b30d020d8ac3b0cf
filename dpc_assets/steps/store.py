"""The lake as a folder or as an S3 prefix: the two implementations of `ports.ObjectStore`."""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from dpc_assets.steps.errors import InputError, RetryLater
from dpc_assets.steps.ports import ObjectInfo, ObjectStore

_HALF_WRITTEN = ".dpc-writing"
_COPY_BYTES = 1 << 20
_MISSING = frozenset({"NoSuchKey", "NoSuchBucket", "NotFound", "404"})

S3_COPY_BYTES = 5 << 30
"""The largest object that S3 copies in one call (CopyObject, 5 GB)."""


def open_store(address: str) -> ObjectStore:
    """The lake at `address`: a folder, or `s3://bucket/prefix`. Raises InputError for any other scheme."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        if not address:
            raise InputError("lake: expected a folder or s3://bucket/prefix, found an empty address")
        return FolderStore(Path(address))
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise InputError(f"lake: expected a folder or s3://bucket/prefix, found {address!r}")
    return S3Store(bucket, prefix)


def _checked(key: str) -> str:
    if not key or "\0" in key or any(part in ("", ".", "..") for part in key.split("/")):
        raise InputError(f"lake key: expected a relative key such as ref/facilities.csv, found {key!r}")
    return key


class FolderStore:
    """A lake in a local folder. What is being written lies in a hidden folder of it that `list` never shows."""

    def __init__(self, root: Path | str) -> None:
        self._root = Path(root).absolute()

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        folder, _, start = prefix.rpartition("/")
        where = self._root / folder if folder else self._root
        with _folder_errors(prefix):
            yield from self._below(where, f"{folder}/" if folder else "", start)

    def _below(self, folder: Path, key: str, start: str) -> Iterator[ObjectInfo]:
        try:
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        named = [(f"{entry.name}/" if entry.is_dir() else entry.name, entry) for entry in entries]
        for name, entry in sorted(named, key=lambda pair: pair[0]):
            if not name.startswith(start) or (not key and entry.name == _HALF_WRITTEN):
                continue
            if name.endswith("/"):
                yield from self._below(folder / entry.name, key + name, "")
            else:
                with suppress(FileNotFoundError):  # deleted since the folder was read
                    told = entry.stat()
                    yield ObjectInfo(key + name, told.st_size, datetime.fromtimestamp(told.st_mtime, UTC))

    def open(self, key: str) -> BinaryIO:
        with _folder_errors(key):
            return (self._root / _checked(key)).open("rb")

    def read(self, key: str) -> bytes:
        with _folder_errors(key):
            return (self._root / _checked(key)).read_bytes()

    def exists(self, key: str) -> bool:
        with _folder_errors(key):
            return (self._root / _checked(key)).is_file()

    def write(self, key: str, data: bytes) -> None:
        with self.writer(key) as stream:
            stream.write(data)

    @contextmanager
    def writer(self, key: str) -> Iterator[BinaryIO]:
        target = self._root / _checked(key)
        half = self._root / _HALF_WRITTEN / os.urandom(16).hex()
        with _folder_errors(key):
            half.parent.mkdir(parents=True, exist_ok=True)
            stream = half.open("xb")
        try:
            yield stream
            with _folder_errors(key):
                stream.close()
                target.parent.mkdir(parents=True, exist_ok=True)
                half.replace(target)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise RetryLater(f"{key}: the lake's disk is full; make room and run again") from error
        finally:
            with suppress(OSError):
                stream.close()
            half.unlink(missing_ok=True)

    def copy(self, source: ObjectInfo, target: str) -> None:
        with _folder_errors(source.key), self.open(source.key) as stream, self.writer(target) as copied:
            shutil.copyfileobj(stream, copied, _COPY_BYTES)
            copied.flush()
            os.fsync(copied.fileno())  # who asks for a copy may delete the source next

    def sha256(self, key: str) -> str | None:
        with _folder_errors(key), (self._root / _checked(key)).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def delete(self, key: str) -> None:
        with _folder_errors(key):
            (self._root / _checked(key)).unlink(missing_ok=True)

    def uri(self, key: str) -> str:
        return f"s3://local-lake/{key}"

    def display(self, key: str) -> str:
        return str(self._root / key)


@contextmanager
def _folder_errors(key: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise InputError(f"{key}: not found in the lake; check the lake's address and the key") from error
    except OSError as error:
        raise RetryLater(f"{key}: the lake's folder refused: {error.strerror or error}") from error


class S3Store:
    """A lake below `s3://bucket/prefix`. Keys are relative to the prefix; markers of empty folders are not listed.

    `client` is a boto3 S3 client; without one it is made on first use from the environment's credentials.
    """

    def __init__(self, bucket: str, prefix: str = "", client: Any = None) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._given = client

    @property
    def _client(self) -> Any:
        if self._given is None:
            import boto3

            self._given = boto3.client("s3")
        return self._given

    def _where(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + _checked(key)}

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        with _s3_errors(self.display(prefix)):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            for page in pages:
                for found in page.get("Contents", ()):
                    key = str(found["Key"])[len(self._prefix) :]
                    if key and not key.endswith("/"):
                        yield ObjectInfo(key, int(found["Size"]), found["LastModified"])

    def open(self, key: str) -> BinaryIO:
        with _s3_errors(self.display(key)):
            body = self._client.get_object(**self._where(key))["Body"]
        return cast(BinaryIO, io.BufferedReader(_Download(body, self.display(key)), _COPY_BYTES))

    def read(self, key: str) -> bytes:
        with self.open(key) as stream:
            return stream.read()

    def exists(self, key: str) -> bool:
        wanted = self._where(key)["Key"]
        with _s3_errors(self.display(key)):
            # Not HEAD: its answer for a key that is absent is 403 where listing is allowed below some prefixes only.
            page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=wanted, MaxKeys=1)
        return any(found["Key"] == wanted for found in page.get("Contents", ()))

    def write(self, key: str, data: bytes) -> None:
        with _s3_errors(self.display(key)):
            self._client.put_object(**self._where(key), Body=data)

    @contextmanager
    def writer(self, key: str) -> Iterator[BinaryIO]:
        import tempfile

        where = self._where(key)
        with tempfile.TemporaryFile() as stream:  # one PUT of a finished file: S3 shows it whole or not at all
            yield cast(BinaryIO, stream)
            stream.seek(0)
            with _s3_errors(self.display(key)):
                self._client.put_object(**where, Body=stream)

    def copy(self, source: ObjectInfo, target: str) -> None:
        if source.size > S3_COPY_BYTES:
            raise InputError(
                f"{self.display(source.key)}: expected at most {S3_COPY_BYTES:,} bytes, which S3 copies in one call, "
                f"found {source.size:,}; move it by hand"
            )
        with _s3_errors(self.display(source.key)):
            self._client.copy_object(
                **self._where(target),
                CopySource=self._where(source.key),
                ChecksumAlgorithm="SHA256",
                TaggingDirective="REPLACE",  # tags are not ours, and copying them takes permissions of its own
            )

    def sha256(self, key: str) -> str | None:
        with _s3_errors(self.display(key)):
            told = self._client.head_object(**self._where(key), ChecksumMode="ENABLED")
        digest = str(told.get("ChecksumSHA256") or "")
        if "-" in digest or told.get("ChecksumType") == "COMPOSITE":
            return None  # a digest of digests of parts
        return base64.b64decode(digest).hex() or None

    def delete(self, key: str) -> None:
        with _s3_errors(self.display(key)):
            self._client.delete_object(**self._where(key))

    def uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{self._prefix}{key}"

    def display(self, key: str) -> str:
        return self.uri(key)


class _Download(io.RawIOBase):
    """A response body as a raw stream, so that a broken connection becomes RetryLater in the middle of a file too."""

    def __init__(self, body: Any, display: str) -> None:
        self._body = body
        self._display = display

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _s3_errors(self._display):
            data = self._body.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()


@contextmanager
def _s3_errors(display: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            raise InputError(f"{display}: not found in S3; check the lake's address and the key") from error
        raise RetryLater(f"{display}: S3 refused ({code}); check access and run again") from error
    except ParamValidationError as error:
        raise InputError(f"{display}: not an S3 address: {error}") from error
    except BotoCoreError as error:
        raise RetryLater(f"{display}: S3 was not reached: {error}") from error
