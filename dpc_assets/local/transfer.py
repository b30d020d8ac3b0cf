"""COPY and UNLOAD statements, read: the form that Redshift takes, with the options that we use, and no others.

docs.aws.amazon.com/redshift/latest/dg/r_COPY.html, r_UNLOAD.html.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dpc_assets.steps.ports import ObjectStore

_LITERAL = r"'((?:[^'\\]|''|\\.)*)'"
_COPY = re.compile(
    rf"\s*COPY\s+([a-z_0-9]+\.[a-z_0-9]+)\s*(?:\(([a-z_0-9,\s]+)\)\s*)?FROM\s+{_LITERAL}\s+(.*)",
    re.IGNORECASE | re.DOTALL,
)
_UNLOAD = re.compile(rf"\s*UNLOAD\s*\(\s*{_LITERAL}\s*\)\s*TO\s+{_LITERAL}\s+(.*)", re.IGNORECASE | re.DOTALL)
_COPY_OPTIONS = ("IAM_ROLE DEFAULT", "GZIP", "DELIMITER '\\T'", "NULL AS '\\000'", "ENCODING UTF8")
_UNLOAD_OPTIONS = ("IAM_ROLE DEFAULT", "FORMAT AS PARQUET", "CLEANPATH", "ALLOWOVERWRITE", "PARALLEL OFF")


class TransferFailed(Exception):
    """COPY or UNLOAD refused; the text names the object and, where there is one, line and column; never a value."""


@dataclass(frozen=True)
class Copy:
    """COPY `table` (its `columns`, () for all) FROM every object whose address starts with `uri`."""

    table: str
    columns: tuple[str, ...]
    uri: str


@dataclass(frozen=True)
class Unload:
    """UNLOAD the rows of `query` (Redshift SQL) to `uri` as Parquet. `clean`: the prefix is emptied first;
    `overwrite`: objects may lie there; with neither, an object there is an error."""

    query: str
    uri: str
    clean: bool
    overwrite: bool


def parse(statement: str) -> Copy | Unload | None:
    """The transfer that a statement asks for, None for any other; an option that is not ours raises TransferFailed."""
    word = statement.split(None, 1)[0].upper() if statement.strip() else ""
    if found := _COPY.fullmatch(statement):
        options = _options(found[4], _COPY_OPTIONS, "COPY")
        missing = [each for each in _COPY_OPTIONS[:4] if each not in options]
        if missing:
            raise TransferFailed(f"COPY: expected the options {', '.join(_COPY_OPTIONS)}; missing {', '.join(missing)}")
        columns = tuple(name.strip().lower() for name in found[2].split(",")) if found[2] else ()
        return Copy(found[1].lower(), columns, _plain(found[3]))
    if found := _UNLOAD.fullmatch(statement):
        options = _options(found[3], _UNLOAD_OPTIONS, "UNLOAD")
        clean, overwrite = "CLEANPATH" in options, "ALLOWOVERWRITE" in options
        if clean and overwrite:
            raise TransferFailed("UNLOAD: CLEANPATH and ALLOWOVERWRITE exclude each other")
        if "FORMAT AS PARQUET" not in options:
            raise TransferFailed("UNLOAD: expected FORMAT AS PARQUET")
        return Unload(_plain(found[1]), _plain(found[2]), clean, overwrite)
    if word in ("COPY", "UNLOAD", "UNLOAD("):
        raise TransferFailed(f"{word}: expected COPY schema.table FROM 's3://..' or UNLOAD ('select ..') TO 's3://..'")
    return None


def _plain(literal: str) -> str:
    """The text of a literal: in Redshift a quote is doubled and a backslash escapes what follows."""
    return re.sub(r"''|\\(.)", lambda found: found[1] or "'", literal, flags=re.DOTALL)


def _options(text: str, allowed: Sequence[str], verb: str) -> frozenset[str]:
    rest = " ".join(text.upper().split()).rstrip("; ")
    given = frozenset(option for option in allowed if option in rest)
    for option in allowed:
        rest = rest.replace(option, "", 1)
    if rest.strip():
        raise TransferFailed(f"{verb}: expected the options {', '.join(allowed)}; found also {rest.strip()}")
    return given


def key(uri: str, store: ObjectStore) -> str:
    """The lake's key of an `s3://` address; TransferFailed where it lies outside the lake."""
    root = store.uri("")
    if not uri.startswith(root):
        raise TransferFailed(f"expected an address in the lake {root}, found {uri}")
    return uri[len(root) :]
