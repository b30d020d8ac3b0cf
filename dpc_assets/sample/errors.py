"""Errors of the sample generator.

SampleError     the call asks for something that cannot be made: change the arguments
"""

from __future__ import annotations


class SampleError(ValueError):
    """An argument is wrong; the text says what was expected and found."""
