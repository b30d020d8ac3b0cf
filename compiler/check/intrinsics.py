"""The grammar of JSONPath paths and intrinsic functions, as far as a definition can be judged without data.

https://states-language.net: paths, reference paths, intrinsic functions (appendix B).
"""

import re
from collections.abc import Mapping

ARGUMENTS: Mapping[str, tuple[int, int | None]] = {
    "States.Format": (1, None),
    "States.StringToJson": (1, 1),
    "States.JsonToString": (1, 1),
    "States.Array": (0, None),
    "States.ArrayPartition": (2, 2),
    "States.ArrayContains": (2, 2),
    "States.ArrayRange": (3, 3),
    "States.ArrayGetItem": (2, 2),
    "States.ArrayLength": (1, 1),
    "States.ArrayUnique": (1, 1),
    "States.Base64Encode": (1, 1),
    "States.Base64Decode": (1, 1),
    "States.Hash": (2, 2),
    "States.JsonMerge": (3, 3),
    "States.MathRandom": (2, 3),
    "States.MathAdd": (2, 2),
    "States.StringSplit": (2, 2),
    "States.UUID": (0, 0),
}
"""Each intrinsic function with the fewest and the most arguments (None: any number)."""

NUMBERS: Mapping[str, tuple[int, ...]] = {
    "States.ArrayPartition": (1,),
    "States.ArrayRange": (0, 1, 2),
    "States.MathRandom": (0, 1, 2),
    "States.MathAdd": (0, 1),
}
"""Which arguments are integers, counted from 0."""

NESTING_LIMIT = 10

_NAME = re.compile(r"\s*([A-Za-z0-9._]+)\s*\(")
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_PLAIN = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?|null|true|false")
_PLACE = re.compile(r"(?<!\\)\{\}")


class _Wrong(Exception):
    """What is wrong with the text that is being read."""


def wrong_intrinsic(text: str) -> str:
    """What is wrong with an intrinsic function, else nothing."""
    try:
        end = _call(text, 0, 1)
        if text[end:].strip():
            raise _Wrong(f"text after the closing parenthesis: {text[end:].strip()}")
    except _Wrong as error:
        return str(error)
    return ""


def _call(text: str, start: int, depth: int) -> int:
    """The place behind a call that starts at `start`."""
    if depth > NESTING_LIMIT:
        raise _Wrong(f"more than {NESTING_LIMIT} functions inside one another")
    found = _NAME.match(text, start)
    if not found:
        raise _Wrong(f"no function call at character {start + 1}")
    name, place = found[1], found.end()
    if name not in ARGUMENTS:
        raise _Wrong(f"{name}, which is no intrinsic function")
    arguments: list[str] = []
    place = _blank(text, place)
    while text[place : place + 1] != ")":
        if arguments:
            if text[place : place + 1] != ",":
                raise _Wrong(f"no , or ) at character {place + 1} of {name}")
            place = _blank(text, place + 1)
        end = _argument(text, place, depth)
        arguments.append(text[place:end])
        place = _blank(text, end)
    least, most = ARGUMENTS[name]
    if not least <= len(arguments) or (most is not None and len(arguments) > most):
        asked = str(least) if least == most else f"{least} or more" if most is None else f"{least} to {most}"
        raise _Wrong(f"{len(arguments)} arguments of {name} where it has {asked}")
    for number in NUMBERS.get(name, ()):
        if number < len(arguments) and _TEXT.fullmatch(arguments[number]):
            raise _Wrong(f"the text {arguments[number]} as argument {number + 1} of {name}, which is an integer")
    if name == "States.Format" and _TEXT.fullmatch(arguments[0]):
        places = len(_PLACE.findall(arguments[0]))
        if places != len(arguments) - 1:
            raise _Wrong(f"{places} times {{}} in States.Format with {len(arguments) - 1} values to put in")
    return place + 1


def _argument(text: str, start: int, depth: int) -> int:
    for pattern in (_TEXT, _PLAIN):
        found = pattern.match(text, start)
        if found and text[found.end() : found.end() + 1] in (",", ")", " ", ""):
            return found.end()
    if text[start : start + 1] == "$":
        end = _path_end(text, start)
        wrong = wrong_path(text[start:end].strip())
        if re.search(r"\s\$", text[start:end]):
            raise _Wrong(f"no , between two paths in {text[start:end].strip()}")
        if wrong:
            raise _Wrong(wrong)
        return end
    if text[start : start + 1] == "'":
        raise _Wrong(f"a text that does not end, at character {start + 1}")
    if not _NAME.match(text, start):
        raise _Wrong(f"no argument at character {start + 1}: expected a text in ', a number, a path or a function")
    return _call(text, start, depth + 1)


def _path_end(text: str, start: int) -> int:
    """The place of the , or ) that ends a path, those inside brackets, parentheses and quotes left out."""
    depth, quote, place = 0, "", start
    while place < len(text):
        letter = text[place]
        if letter == "\\":
            place += 1
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "[(":
            depth += 1
        elif letter in "])" and depth:
            depth -= 1
        elif letter in ",)":
            return place
        place += 1
    raise _Wrong("no closing parenthesis")


def _blank(text: str, place: int) -> int:
    while text[place : place + 1].isspace():
        place += 1
    if place >= len(text):
        raise _Wrong("no closing parenthesis")
    return place


def wrong_path(text: str, reference: bool = False) -> str:
    """What is wrong with a path (a reference path names one place: no @ , : ? * or ..), else nothing."""
    if not text.startswith("$"):
        return f"{text or 'nothing'}, which does not start with $"
    depth, quote, place, outside = 0, "", 0, ""
    while place < len(text):
        letter = text[place]
        if letter == "\\":
            place += 1
        elif quote:
            quote = "" if letter == quote else quote
        else:
            if letter in "'\"":
                quote = letter
            elif letter in "[(":
                depth += 1
            elif letter in "])":
                depth -= 1
            outside += letter
        if depth < 0:
            break
        place += 1
    if quote or depth:
        return f"brackets or quotes that do not close in {text}"
    if text.endswith(".") or "..." in outside:
        return f"a name missing behind . in {text}"
    if reference and (re.search(r"[@,?*:]", outside) or ".." in outside):
        return f"@ , : ? * or .. in {text}, which must name one place"
    return ""
