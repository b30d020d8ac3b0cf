"""Errors of what runs in AWS. Lambda's errorType is the class name, so a class is what a Retry or a person acts on.

RuntimeFailure
├── WrongInput          mend the execution's input (or the event, where a person made it)
│   ├── WrongPartition      ... its partition
│   └── UnknownSelection    ... its selection
├── WriterBusy          another execution writes: wait for it, or start again with "wait": true
├── WriterBusyWaiting   the same, and the state tries again by itself
├── ClaimUnreachable    the claim cannot be read or written: the state tries again; then mend access
├── CheckFailed         the data did not pass a blocking check
├── AnswerTooLarge      a step answered more than control data
├── WrongAnswer         a step answered what is not JSON
└── NotConfigured       the function lacks an environment variable or a file: deploy again
"""

MESSAGE_MAX = 2000


class RuntimeFailure(Exception):
    """Root of the tree. The message is text for a person, at most 2,000 characters."""

    def __init__(self, message: str) -> None:
        super().__init__(message if len(message) <= MESSAGE_MAX else message[: MESSAGE_MAX - 4] + " ...")


class WrongInput(RuntimeFailure):
    """The input cannot be used; the message names the field, what was expected and what was found."""


class WrongPartition(WrongInput):
    """The partition is missing, malformed, too early or has not ended yet."""


class UnknownSelection(WrongInput):
    """The selection cannot be read, names an unknown asset, or names nothing that runs here."""


class WriterBusy(RuntimeFailure):
    """Another running execution holds the writer's claim."""


class WriterBusyWaiting(RuntimeFailure):
    """Another running execution holds the writer's claim and the input says to wait for it."""


class ClaimUnreachable(RuntimeFailure):
    """The object of the claim, or the state of its holder, could not be read or written."""


class CheckFailed(RuntimeFailure):
    """A blocking check did not pass."""


class AnswerTooLarge(RuntimeFailure):
    """An answer does not fit into the state of an execution."""


class WrongAnswer(RuntimeFailure):
    """An answer is not JSON data."""


class NotConfigured(RuntimeFailure):
    """Something that the deployment should have set is missing."""
