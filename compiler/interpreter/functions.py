"""The functions that Step Functions adds to JSONata; an undefined argument gives undefined, as JSONata's own do.

(https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html, JSONata functions provided by Step
Functions). `$eval` is taken away. `$now`, `$millis`, `$uuid` and `$random` come from the virtual clock.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import jsonata
from jsonata.utils import Utils

ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def _partition(items: Any = None, size: Any = None) -> Any:
    """Items in pieces of `size`."""
    if items is None or size is None:
        return None
    count = int(size)
    if not isinstance(items, list) or count < 1:
        raise jsonata.JException(f"$partition: an array and a size of 1 or more, not {size!r}", -1)
    return [items[start : start + count] for start in range(0, len(items), count)]


def _range(first: Any = None, last: Any = None, step: Any = None) -> Any:
    """Numbers from `first` up to and with `last`."""
    if first is None or last is None or step is None:
        return None
    if not int(step):
        raise jsonata.JException("$range: a step that is not 0", -1)
    end = int(last) + (1 if step > 0 else -1)
    return list(range(int(first), end, int(step)))


def _hash(text: Any = None, algorithm: Any = None) -> Any:
    """Hexadecimal digest of the text in UTF-8."""
    if text is None or algorithm is None:
        return None
    if algorithm not in ALGORITHMS:
        raise jsonata.JException(f"$hash: one of {', '.join(ALGORITHMS)}, not {algorithm!r}", -1)
    return hashlib.new(ALGORITHMS[algorithm], str(text).encode()).hexdigest()


def _parse(text: Any = None) -> Any:
    """JSON text as a value."""
    return None if text is None else _nulls(json.loads(text))


def _nulls(value: Any) -> Any:
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, dict):
        return {name: _nulls(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_nulls(item) for item in value]
    return value


def _eval(*ignored: Any) -> Any:
    raise jsonata.JException("$eval is not available in Step Functions; use $parse", -1)


ADDED: Mapping[str, Callable[..., Any]] = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "parse": _parse,
    "eval": _eval,
}
