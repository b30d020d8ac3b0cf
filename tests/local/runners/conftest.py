"""One server for all tests of the runners, beside a project of its own whose image is a few lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from runners_aws import SERVER_PYTHON, Aws, start

DOCKERFILE = """# The image of these tests.
FROM python:3.11
ENV PYTHONPATH=/app HOME=/work TMPDIR=/work \\
    GREETING="good morning"
COPY infra/image/run.py /app/run.py
COPY beside /app/beside
WORKDIR /work
ENTRYPOINT ["python", "/app/run.py"]
"""

RUN = """
import json, os, signal, subprocess, sys, time
import beside.words
print("environ", json.dumps(dict(os.environ)), flush=True)
print("cwd", os.getcwd(), beside.words.__file__, *sys.argv[1:], flush=True)
do = os.environ.get("DO", "")
if do == "fail":
    sys.exit(3)
if do == "obey":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
if do == "refuse":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if do in ("obey", "refuse", "wait"):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
    print("processes", os.getpid(), child.pid, flush=True)
    time.sleep(300)
if do == "call":
    import boto3
    boto3.client("s3").list_buckets()
"""


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    (root / "infra/image").mkdir(parents=True)
    (root / "infra/image/Dockerfile").write_text(DOCKERFILE, "utf-8")
    (root / "infra/image/run.py").write_text(RUN, "utf-8")
    (root / "infra/image/not_copied.py").write_text("", "utf-8")
    (root / "beside").mkdir()
    (root / "beside/words.py").write_text("", "utf-8")
    return root


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory, small_project: Path) -> Iterator[Aws]:
    if not SERVER_PYTHON.exists():
        pytest.skip("the server's environment .venv-aws is not there: make aws-local makes it")
    found = start(
        tmp_path_factory.mktemp("aws") / "state", small_project, tmp_path_factory.mktemp("log") / "server.log"
    )
    yield found
    assert found.process.stdin is not None
    found.process.stdin.close()
    assert found.process.wait(timeout=30) == 0


@pytest.fixture(autouse=True)
def no_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "aws" in request.fixturenames:
        request.getfixturevalue("aws").faults("DELETE")
