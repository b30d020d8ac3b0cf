"""SELECTION: Dagster's grammar, with bare asset keys allowed (`mart/fact_stay` is `key:"mart/fact_stay"`)."""

import difflib
import re
import warnings
from collections.abc import Iterator, Sequence

from dagster import AssetKey, AssetSelection, BetaWarning, DagsterError

from dpc_assets.cli.errors import UsageError

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      |(?P<quoted>"(?:[^"\\]|\\.)*")
      |(?P<attribute>[A-Za-z_]+:(?:"[^"]*"|[^\s()+]*)(?:="[^"]*"|=[^\s()+]*)?)
      |(?P<depth>[0-9]+(?=\+)|(?<=\+)[0-9]+)
      |(?P<mark>[()+])
      |(?P<word>[^\s()+"]+)""",
    re.VERBOSE,
)
_WORDS = frozenset({"and", "or", "not", "sinks", "roots", "*"})
_KEY = re.compile(r'\bkey:"([^"]*)"')


def rewrite(selection: str) -> str:
    """The selection with every bare word made a `key:"..."`; operators, functions, attributes and + stay as written."""
    return "".join(_rewritten(selection))


def _rewritten(selection: str) -> Iterator[str]:
    position = 0
    while position < len(selection):
        token = _TOKEN.match(selection, position)
        if token is None:
            raise UsageError(f"--select: column {position + 1}: a quotation mark is not closed: {selection}")
        text = token.group()
        yield _one(token.lastgroup or "", text)
        position = token.end()


def _one(group: str, text: str) -> str:
    if group == "quoted":
        return f"key:{text}"
    if group == "word" and text.lower() not in _WORDS:
        return f'key:"{text}"'
    if group == "attribute" and text.startswith("key:") and '"' not in text:
        return f'key:"{text[4:]}"'
    return text


def resolve(selection: str, graph: object, known: Sequence[AssetKey]) -> set[AssetKey]:
    """Asset keys that the selection names, among `known`, with the neighbours they cannot be built without.

    Raises UsageError for what cannot be read, for a key that is not known, and for a selection of nothing.
    """
    text = rewrite(selection)
    _refuse_unknown_keys(text, known)
    read = _read(text, selection)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BetaWarning)
            chosen = read.required_multi_asset_neighbors().resolve(graph)
    except (DagsterError, ValueError, NotImplementedError) as error:
        raise _not_read(selection, error) from error
    found = chosen & set(known)
    if not found:
        raise UsageError(f"--select: {selection!r} names no asset. {_what_there_is(known)}")
    return found


def checked(selection: str, known: Sequence[AssetKey]) -> str:
    """The selection rewritten, for whoever resolves it. Raises UsageError for what cannot be read, and for a key that
    is not among `known` (where that is empty, nothing is known)."""
    text = rewrite(selection)
    if known:
        _refuse_unknown_keys(text, known)
    _read(text, selection)
    return text


def _read(text: str, written: str) -> AssetSelection:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BetaWarning)
            return AssetSelection.from_string(text)
    except (DagsterError, ValueError, NotImplementedError) as error:
        raise _not_read(written, error) from error


def _not_read(written: str, error: Exception) -> UsageError:
    return UsageError(
        f'--select: expected a selection such as mart/fact_stay+ or group:mart and not key:"mart/dpc_monthly"; '
        f"found {written!r} ({(str(error) or type(error).__name__).splitlines()[0]})"
    )


def _refuse_unknown_keys(text: str, known: Sequence[AssetKey]) -> None:
    names = [key.to_user_string() for key in known]
    problems = []
    for asked in _KEY.findall(text):
        pattern = re.compile(".*".join(re.escape(part) for part in asked.split("*")))
        if not any(pattern.fullmatch(name) for name in names):
            near = difflib.get_close_matches(asked, names, n=3)
            hint = f"did you mean {', '.join(near)}?" if near else _what_there_is(known)
            problems.append(f"--select: unknown asset {asked!r}; {hint}")
    if problems:
        raise UsageError("\n".join(problems))


def _what_there_is(known: Sequence[AssetKey]) -> str:
    return "Known assets: " + ", ".join(sorted(key.to_user_string() for key in known))
