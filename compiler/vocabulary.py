"""The vocabulary: plain data under the key `aws` of Dagster metadata, read to the types of `graph`.

Written down for users in docs/vocabulary.md and, as JSON Schema, in vocabulary.schema.json beside this file. Every
problem is reported with its path, what was expected and what was found. Ranges are those of AWS Lambda, Step Functions,
ECS and the Redshift Data API (their "quotas" pages).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from compiler.errors import Problem
from compiler.graph import Claim, Function, Machine, Permission, Retry, Schedule
from compiler.runtime.names import CONTAINER_VARIABLES
from compiler.vocabulary_fields import RULE, TEXT, Fields, Form, form, found, unwrapped

KEY = "aws"

SECONDS_MAX = 99_999_999
"""Of a state's TimeoutSeconds, HeartbeatSeconds and IntervalSeconds (States Language)."""

DELAY_MAX = 31_622_399
"""Of a retrier's MaxDelaySeconds."""

ENTRY = form(
    r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*",
    'a function as "package.module:function"',
)
FUNCTION_NAME = form(r"[A-Za-z0-9_-]{1,64}", "1 to 64 letters, digits, - and _")
PREFIX = form(r"[A-Za-z0-9_-]{0,40}", "at most 40 letters, digits, - and _")
MACHINE_NAME = form(r"[A-Za-z0-9_-]{1,80}", "1 to 80 letters, digits, - and _")
ROLE_NAME = form(r"[A-Za-z0-9_+=,.@-]{1,64}", "the name of an IAM role (1 to 64 letters, digits and _+=,.@-)")
ACTION = form(r"[a-z0-9-]+:[A-Za-z0-9*?]+", 'an IAM action as "service:Action"')
LAYER_NAME = form(r"[A-Za-z0-9_-]{1,140}", "1 to 140 letters, digits, - and _")
LAMBDA_VARIABLE = form(
    r"(?!AWS_(DEFAULT_)?REGION$|AWS_EXECUTION_ENV$|AWS_LAMBDA_|AWS_ACCESS_KEY|AWS_SECRET_ACCESS_KEY$|AWS_SESSION_TOKEN$"
    r"|LAMBDA_TASK_ROOT$|LAMBDA_RUNTIME_DIR$)[A-Za-z][A-Za-z0-9_]+",
    "names of environment variables that Lambda does not keep for itself",
)
CONTAINER_VARIABLE = form(
    rf"(?!({'|'.join(CONTAINER_VARIABLES)})$)[A-Za-z_][A-Za-z0-9_]*",
    f"names of environment variables other than {', '.join(CONTAINER_VARIABLES)}",
)
WORD = form(r"\S+", "a text without spaces")
CRON = form(r"[0-9A-Za-z*/,-]+( [0-9A-Za-z*/,-]+){4}", "five cron fields: minute hour day month weekday")
REQUIREMENT = form(r"[^\n]*--hash=[^\n]*", 'a line "name==version --hash=sha256:..."')
LABEL = form(r"[^\n]{0,60}", "a label of at most 60 characters")


@dataclass(frozen=True)
class Own:
    """The function that Dagster runs for an asset or check; `reason` says why it cannot run in AWS as it is."""

    run: str = ""
    reason: str = "its function is not known"


@dataclass(frozen=True)
class Settings:
    """What the definitions say of every function."""

    prefix: str = ""
    call: str = ""
    env: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DeclaredMachine:
    """The value on the definitions."""

    machine: Machine
    settings: Settings = Settings()
    layers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DeclaredCheck:
    """The value on a check; neither `function` nor `elsewhere` where nothing was said of AWS."""

    function: Function | None = None
    elsewhere: bool = False


def read_machine(value: object) -> tuple[DeclaredMachine, tuple[Problem, ...]]:
    """The value on the `Definitions`; None for definitions without one."""
    fields, problems = top("definitions", {} if value is None else value)
    prefix = fields.text("prefix", "", PREFIX)
    settings = Settings(prefix, fields.text("call", "", ENTRY), fields.table("env", LAMBDA_VARIABLE))
    machine = Machine(
        name=fields.text("machine", "assets", MACHINE_NAME),
        prefix=prefix,
        finish=_called(fields.part("finish"), settings),
        functions=_beside(fields.parts("functions"), settings),
        claim=_claim(fields.part("claim")),
        schedule=_schedule(fields.part("schedule"), settings),
        retry=_retry(fields.part("retry")),
        roles=_roles(fields.part("roles")),
        env=settings.env,
        permissions=permissions(fields),
        plan_memory_mb=fields.integer("plan_memory_mb", 256, 128, 10240),
        timeout_s=fields.integer("timeout_s", 86400, 1, SECONDS_MAX),
        expected_runs_per_month=fields.integer("expected_runs_per_month", 30, 0, 1_000_000),
    )
    layers = _layers(fields.part("layers"))
    fields.done()
    return DeclaredMachine(machine, settings, layers), tuple(problems)


def read_check(
    value: object, where: str, settings: Settings, own: Own
) -> tuple[DeclaredCheck | None, tuple[Problem, ...]]:
    """The value on a check; None for a check without one."""
    if value is None:
        return DeclaredCheck(), ()
    fields, problems = top(where, value)
    part = fields.part("lambda")
    elsewhere = fields.choice("on", "", ("dagster",)) == "dagster"
    if fields.has("lambda") == fields.has("on"):
        fields.refuse("", 'expected either "lambda" or "on": "dagster"')
    declared = function(part, settings, own) if part else None
    fields.done()
    return (None if problems else DeclaredCheck(declared, elsewhere)), tuple(problems)


def function(fields: Fields, settings: Settings, own: Own | None = None) -> Function | None:
    """The fields of one Lambda function. Without `own`, "run" has to be there. None where something is wrong."""
    before = len(fields.problems)
    run = fields.text("run", "", ENTRY, required=own is None)
    if own and not fields.has("run"):
        if own.reason:
            fields.refuse("run", f"expected {ENTRY.words}, found nothing; {own.reason}", RUN_HINT)
        run = own.run
    name = fields.text("name", settings.prefix + short_name(run), FUNCTION_NAME)
    if len(name) > 64:
        fields.refuse("name", f"expected {FUNCTION_NAME.words}, found {name} ({len(name)}), made from {run}")
    made = Function(
        name=name,
        run=run,
        call=fields.text("call", settings.call, ENTRY),
        memory_mb=fields.integer("memory_mb", 512, 128, 10240),
        ephemeral_mb=fields.integer("ephemeral_mb", 512, 512, 10240),
        timeout_s=fields.integer("timeout_s", 300, 1, 900),
        layers=fields.texts("layers", most=5),
        env=tuple(sorted({**dict(settings.env), **dict(fields.table("env", LAMBDA_VARIABLE))}.items())),
        permissions=permissions(fields),
        data=tuple(sorted(set(fields.texts("data")))),
        writes=fields.flag("writes", False),
        role=fields.text("role", "", ROLE_NAME),
    )
    fields.done()
    return made if len(fields.problems) == before else None


RUN_HINT = (
    "name a plain function of a module that does not import dagster: "
    'metadata={"aws": {"lambda": {"run": "package.module:function"}}}'
)


def short_name(run: str) -> str:
    """What a function is called after: its own name, or its module's where it is called run, main or handler."""
    module, _, name = run.partition(":")
    chosen = module.rpartition(".")[2] if name in ("run", "main", "handler") else name
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", chosen)
    return re.sub(r"[_-]+", "-", spaced).strip("-").lower()


def permissions(fields: Fields) -> tuple[Permission, ...]:
    read = []
    for part in fields.parts("permissions"):
        actions = part.texts("actions", ACTION, required=True)
        resources = part.texts("resources", TEXT, required=True)
        read.append(Permission(tuple(sorted(set(actions))), tuple(sorted(set(resources))), _condition(part)))
        part.done()
    return tuple(read)


def _condition(fields: Fields) -> dict[str, dict[str, str | tuple[str, ...]]]:
    operators = fields.part("condition")
    read: dict[str, dict[str, str | tuple[str, ...]]] = {}
    for operator in sorted(operators.value) if operators else ():
        keys = operators.part(operator) if operators else None
        for key in sorted(keys.value) if keys else ():
            if keys is not None:
                one = isinstance(keys.value[key], str)
                value = keys.text(key) if one else keys.texts(key, TEXT, required=True)
                read.setdefault(operator, {})[key] = value
    return read


def top(where: str, value: object) -> tuple[Fields, list[Problem]]:
    """The value under the key as fields, and the list that their problems come to."""
    problems: list[Problem] = []
    plain: Any = unwrapped(value)
    if not isinstance(plain, Mapping) or not all(isinstance(key, str) for key in plain):
        problems.append(Problem(RULE, where, f"metadata {KEY}: expected an object, found {found(plain)}"))
        plain = {}
    return Fields(where, KEY, plain, problems), problems


def _called(fields: Fields | None, settings: Settings) -> Function | None:
    """`{"lambda": {...}}` where a function is asked for."""
    if fields is None:
        return None
    part = fields.part("lambda", required=True)
    read = function(part, settings) if part else None
    fields.done()
    return read


def _beside(parts: tuple[Fields, ...], settings: Settings) -> tuple[Function, ...]:
    """A list of `{"lambda": {...}}`: functions that no state calls."""
    read = [_called(part, settings) for part in parts]
    return tuple(sorted((each for each in read if each), key=lambda each: (each.name, each.run)))


def _claim(fields: Fields | None) -> Claim | None:
    if fields is None:
        return None
    read = Claim(fields.text("bucket", required=True), fields.text("key", required=True))
    fields.done()
    return read


def _schedule(fields: Fields | None, settings: Settings) -> Schedule | None:
    if fields is None:
        return None
    find_work = _called(fields.part("find_work", required=True), settings)
    cron = fields.text("cron", "", CRON)
    if cron and (wrong := _wrong_cron(cron)):
        fields.refuse("cron", f"expected {CRON.words}, found {found(cron)}: {wrong}")
    timezone = fields.text("timezone", "UTC")
    if not _is_timezone(timezone):
        fields.refuse("timezone", f"expected the name of a time zone (Asia/Tokyo), found {found(timezone)}")
    read = Schedule(
        machine=fields.text("machine", "", MACHINE_NAME, required=True),
        find_work=find_work or Function("", ""),
        cron=cron,
        timezone=timezone,
        wait_s=fields.integer("wait_s", 21600, 1, SECONDS_MAX),
    )
    fields.done()
    return read


_CRON_RANGES = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_CRON_PART = re.compile(r"(\*|[0-9]+(-[0-9]+)?|[A-Za-z]{3}(-[A-Za-z]{3})?)(/[1-9][0-9]*)?")


def _wrong_cron(cron: str) -> str:
    for text, (name, low, high) in zip(cron.split(" "), _CRON_RANGES, strict=True):
        for part in text.split(","):
            read = _CRON_PART.fullmatch(part)
            numbers = [int(number) for number in re.findall(r"[0-9]+", part.partition("/")[0])]
            if read is None or not all(low <= number <= high for number in numbers):
                return f"{name} {text}"
    return ""


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _retry(fields: Fields | None) -> Retry | None:
    if fields is None:
        return None
    usual = Retry(())
    interval = fields.integer("interval_s", usual.interval_s, 1, DELAY_MAX)
    read = Retry(
        errors=fields.texts("errors", TEXT, required=True),
        interval_s=interval,
        attempts=fields.integer("attempts", usual.attempts, 0, SECONDS_MAX),
        backoff=fields.number("backoff", usual.backoff, 1.0, 100.0) or usual.backoff,
        cap_s=fields.integer("cap_s", max(usual.cap_s, interval), 1, DELAY_MAX),
        jitter=fields.flag("jitter", usual.jitter),
    )
    if read.cap_s < read.interval_s:
        fields.refuse("cap_s", f"expected at least interval_s ({read.interval_s}), found {read.cap_s}")
    fields.done()
    return replace(read, errors=tuple(dict.fromkeys(read.errors)))


def _roles(fields: Fields | None) -> tuple[tuple[str, str], ...]:
    if fields is None:
        return ()
    names = ("container", "lambda", "machine", "schedule")
    read = tuple((name, fields.text(name, "", ROLE_NAME)) for name in names if fields.has(name))
    fields.done()
    return read


def _layers(fields: Fields | None) -> tuple[tuple[str, str], ...]:
    """(name, requirements): a file's path, or the lines themselves, which end in a line feed."""
    read = []
    for name in sorted(fields.value) if fields else ():
        if fields is None or (part := fields.part(name)) is None:
            continue
        if not LAYER_NAME.pattern.fullmatch(name):
            fields.refuse(name, f"expected {LAYER_NAME.words} as its name")
        if isinstance(part.get("requirements"), str):
            read.append((name, part.text("requirements", "", Form(re.compile(r"[^\n]+"), "the path of a file"))))
        else:
            read.append((name, "".join(f"{line}\n" for line in part.texts("requirements", REQUIREMENT, required=True))))
        part.done()
    return tuple(read)
