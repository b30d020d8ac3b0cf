"""Errors of the steps. The class says what the caller should do; the text says what was expected and found.

    StepError
    ├── InputError      mend the input or the call, then run again (wrong month, unknown file, missing key)
    ├── DataHeld        the data failed a CRITICAL rule: mend or waive, then rerun
    ├── WarehouseError  a statement failed: the message holds the statement's name and the engine's text
    └── RetryLater      infrastructure: throttled, refused, unreachable, locked; the same call may pass later

Every class is safe to show to a person: no stack trace is needed to act on it.
"""

from __future__ import annotations


class StepError(Exception):
    """Root of the tree. `str(error)` is one message for a person, one problem a line."""


class InputError(StepError):
    """The caller or the input has to change."""


class DataHeld(StepError):
    """Months were left out of the export because a CRITICAL rule failed and is not waived."""


class WarehouseError(StepError):
    """A statement was refused by the warehouse; nothing of its batch was kept."""


class RetryLater(StepError):
    """Infrastructure said no for now; nothing was judged and nothing was changed."""
