"""What can go wrong in a state, by name, and what a state's Retry and Catch do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

QUERY_ERROR = "States.QueryEvaluationError"
TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
NO_CHOICE = "States.NoChoiceMatched"
DATA_LIMIT = "States.DataLimitExceeded"
RUNTIME = "States.Runtime"
TASK_FAILED = "States.TaskFailed"
ALL = "States.ALL"

PAYLOAD_LIMIT = 262_144
"""Bytes of a state's arguments, result, output and assigned variables (AWS: service quotas of Step Functions)."""


class StateFailed(Exception):
    """A state reports an error: its name, and the cause as text. `noted`: the history has its EvaluationFailed."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}" if cause else error)
        self.error = error
        self.cause = cause
        self.noted = False


@dataclass(frozen=True)
class Retrier:
    """One entry of Retry: seconds, attempts and growth as the States Language has them by default."""

    errors: tuple[str, ...]
    interval_s: float = 1
    attempts: int = 3
    backoff: float = 2.0
    cap_s: float | None = None
    jitter: bool = False

    def delay_s(self, retries: int) -> float:
        """Seconds before the retry that follows `retries` earlier ones."""
        delay = self.interval_s * self.backoff**retries
        return delay if self.cap_s is None else min(delay, self.cap_s)


def matches(errors: Sequence[str], error: str) -> bool:
    """Whether an ErrorEquals takes the error.

    States.ALL takes neither States.Runtime nor States.DataLimitExceeded; States.TaskFailed takes what States.ALL does
    except timeouts; States.Timeout takes a missed heartbeat too
    (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html, error names).
    """
    if error in errors:
        return True
    if error in (RUNTIME, DATA_LIMIT):
        return False
    if ALL in errors:
        return True
    if error == HEARTBEAT_TIMEOUT and TIMEOUT in errors:
        return True
    return TASK_FAILED in errors and error not in (TIMEOUT, HEARTBEAT_TIMEOUT, QUERY_ERROR)


def delay_of_retry(
    retriers: Sequence[Retrier], used: list[int], error: str, jitter: Callable[[float], float]
) -> float | None:
    """Seconds to wait before the state is tried again, and one more counted in `used`; None where it is not.

    Only the first retrier that takes the error counts; once it has none left the state fails.
    """
    for place, retrier in enumerate(retriers):
        if matches(retrier.errors, error):
            if used[place] >= retrier.attempts:
                return None
            delay = retrier.delay_s(used[place])
            used[place] += 1
            return jitter(delay) if retrier.jitter else delay
    return None
