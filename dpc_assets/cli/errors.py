"""What ends a command early. The class is the exit status; the text is for a person.

CommandError
├── UsageError    2: the call has to change
└── RunError      1: the data or the run failed
"""


class CommandError(Exception):
    """Root of the tree. `str(error)`: one problem a line."""

    status = 1


class UsageError(CommandError):
    """Wrong options, an unknown asset, a file that is not there."""

    status = 2


class RunError(CommandError):
    """The data or the run failed."""
