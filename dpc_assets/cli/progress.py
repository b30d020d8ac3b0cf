"""Progress of a run: a line for each asset as it is built, and on a terminal what is going on right now."""

import logging
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from dagster import InitLoggerContext, LoggerDefinition
from rich.console import Console
from rich.status import Status
from rich.text import Text

from dpc_assets.cli.execute import rows_of

LOGGER = "progress"

_COUNTS_SHOWN = 5


class Progress(logging.Handler):
    """Hears Dagster's log. Writes to the standard error of the command, whatever that is redirected to meanwhile."""

    def __init__(self, log: Path | None) -> None:
        super().__init__()
        self._console, self._stream = _terminal()
        self._log = log.open("a", encoding="utf-8") if log else None
        self._status: Status | None = None
        self._started = time.monotonic()
        self._step_started = self._started

    def __enter__(self) -> "Progress":
        if self._console.is_terminal:
            self._status = self._console.status("starting")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status:
            self._status.stop()
        for stream in (self._log, self._stream):
            if stream:
                stream.close()

    def note(self, text: str) -> None:
        """What is going on now; seen on a terminal only."""
        if self._status:
            self._status.update(Text(text))

    def say(self, text: str | Text) -> None:
        """A line that stays."""
        self._console.print(text)

    def emit(self, record: logging.LogRecord) -> None:
        meta: dict[str, Any] = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        if self._log:
            self._log.write(f"{record.levelname} {record.getMessage()}\n")
        if event is None:
            self.note(str(meta.get("orig_message", "")).splitlines()[0] if meta.get("orig_message") else "")
        elif event.event_type_value == "STEP_START":
            self._step_started = time.monotonic()
            self.note(f"{event.step_key} ...")
        elif event.is_step_materialization and event.asset_key is not None:
            self.say(self._built(event))
            if event.asset_key.path[0] == "archive":  # what is left in raw/ stands in no other report
                for line in _notes(event.materialization):
                    self.say(Text(f"        {line}", style="yellow"))
        elif event.event_type_value == "ASSET_CHECK_EVALUATION":
            self._checked(event)
        elif event.is_step_failure:
            self.say(Text(f"  failed  {event.step_key}", style="bold red"))

    def _built(self, event: Any) -> Text:
        rows = rows_of(event)
        line = Text(f"{event.partition or '':8}", style="dim")
        line.append(f"{event.asset_key.to_user_string():32}", style="")
        line.append(f"{rows:>12,} rows" if rows is not None else _counts(event.materialization), style="cyan")
        return line

    def _checked(self, event: Any) -> None:
        evaluation = event.event_specific_data
        if evaluation.passed or evaluation.asset_key.path[0] == "dq":  # rules are listed at the end of the run
            return
        style = "bold red" if evaluation.blocking else "yellow"
        self.say(
            Text(
                f"        check {evaluation.check_name} of {evaluation.asset_key.to_user_string()} failed", style=style
            )
        )

    def logger(self) -> LoggerDefinition:
        """Dagster's logger that this handler hears."""

        def make(context: InitLoggerContext) -> logging.Logger:
            made = logging.Logger(LOGGER, logging.DEBUG)
            made.addHandler(self)
            return made

        return LoggerDefinition(make)


def _notes(materialization: Any) -> list[str]:
    """The notes of a step, a line each."""
    found = materialization.metadata.get("notes")
    return [line.removeprefix("- ") for line in str(found.value).splitlines()] if found else []


def _counts(materialization: Any) -> str:
    """`passed 2, rejected 0`: the counts of a step."""
    found = [(name, entry.value) for name, entry in materialization.metadata.items() if isinstance(entry.value, int)]
    return "   " + ", ".join(f"{name} {value:,}" for name, value in found[:_COUNTS_SHOWN])


def _terminal() -> tuple[Console, Any]:
    """A console on a copy of standard error, so that it is not redirected with it; and what to close."""
    try:
        stream = os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8")
    except (OSError, ValueError, AttributeError):
        stream = None
    console = Console(file=stream or sys.stderr, highlight=False, soft_wrap=True, emoji=False, markup=False)
    return console, stream
