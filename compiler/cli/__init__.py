"""`dpc-compile`: the command line. Nothing here is imported by a pass."""

from compiler.cli.entry import main

__all__ = ["main"]
