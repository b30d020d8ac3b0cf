"""What the warehouse here refuses a statement with."""

from __future__ import annotations


class Refused(Exception):
    """Redshift would refuse the statement, in these words (without its `ERROR: `)."""
