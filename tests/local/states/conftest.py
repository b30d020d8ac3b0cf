"""One server for all tests of Step Functions; a second passes in 20 ms of a Wait state or before a retry."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "infra" / "local"), str(ROOT / "tests" / "compiler")]

from states_aws import SERVER_PYTHON, Aws, serve  # noqa: E402

ECHO = "def handler(event, context):\n    return event\n"
NAP = "import time\n\n\ndef handler(event, context):\n    time.sleep(event['seconds'])\n    return event\n"
FAIL = """
class Broken(Exception):
    pass


def handler(event, context):
    if event.get("fail"):
        raise Broken(event["fail"])
    return event
"""
PRINT = "import json\n\n\ndef handler(event, context):\n    print('EVENT ' + json.dumps(event))\n"


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    if not SERVER_PYTHON.exists():
        pytest.skip("the server's environment .venv-aws is not there: make aws-local makes it")
    found = serve(tmp_path_factory.mktemp("states") / "folder", tmp_path_factory.mktemp("log") / "server.log")
    for name, code in (("echo", ECHO), ("nap", NAP), ("maybe", FAIL), ("print", PRINT)):
        found.function(name, code)
    yield found
    assert found.process.stdin is not None
    found.process.stdin.close()
    assert found.process.wait(timeout=30) == 0
