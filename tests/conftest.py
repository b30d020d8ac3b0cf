"""What every test finds, and in which order tests begin."""

import signal

import pytest

# POSIX shells start what stands in the background with SIGINT ignored, and children inherit it: a test could not
# interrupt the program that it looks at.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_LONG = ("tests/e2e/test_aws_", "tests/local/server/test_local_deployment.py", "tests/infra/test_infra_check.py")
"""Tests that share what takes minutes to make: begun first and by one worker, with the rest left to the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))
