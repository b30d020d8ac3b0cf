"""The server as a process: where it listens, how it ends, what it leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from local_aws import PROJECT, LocalAws, why_not


def running(pid: int) -> bool:
    """Whether the process exists and is more than a zombie."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def sockets(pid: int) -> set[str]:
    """inode of each socket that the process holds."""
    found = set()
    for each in (Path("/proc") / str(pid) / "fd").iterdir():
        try:
            target = str(each.readlink())
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found


def listeners(pid: int) -> set[tuple[str, int]]:
    """(address as /proc/net writes it, port) of every TCP socket that the process listens on."""
    mine, found = sockets(pid), set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in mine:
                address, port = words[1].split(":")
                found.add((address, int(port, 16)))
    return found


@pytest.fixture
def alone(tmp_path: Path) -> LocalAws:
    if reason := why_not(deployed=False):
        pytest.skip(reason)
    return LocalAws().start(tmp_path / "aws")


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads /proc, which Linux has")
def test_listens_on_the_loopback_address_and_nowhere_else(aws: LocalAws) -> None:
    assert aws.pid
    assert listeners(aws.pid) == {("0100007F", aws.port)}


def test_account_and_region_are_those_of_the_laptop(aws: LocalAws) -> None:
    assert aws.client("sts").get_caller_identity()["Account"] == "000000000000"
    arn = aws.client("sqs").create_queue(QueueName="where")["QueueUrl"]
    assert arn == f"http://127.0.0.1:{aws.port}/000000000000/where"
    assert aws.client("s3").meta.region_name == "ap-northeast-1"


def test_the_default_network_is_there(aws: LocalAws) -> None:
    (vpc,) = aws.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    filters = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}, {"Name": "default-for-az", "Values": ["true"]}]
    zones = {each["AvailabilityZone"] for each in aws.client("ec2").describe_subnets(Filters=filters)["Subnets"]}
    assert zones == {"ap-northeast-1a", "ap-northeast-1b", "ap-northeast-1c"}


def test_takes_requests_as_clients_write_them_to_a_proxy(aws: LocalAws) -> None:
    """000000000000.127.0.0.1 resolves nowhere: the request arrives because the server is the client's proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": aws.endpoint}))
    with opener.open("http://000000000000.127.0.0.1:1/_ministack/ready", timeout=10) as answer:
        assert json.load(answer)["status"] == "completed"


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_ends_when_asked_and_leaves_no_process(alone: LocalAws, asked: signal.Signals) -> None:
    pid = alone.pid
    os.kill(pid, asked)
    give_up = time.monotonic() + 10
    while running(pid):
        assert time.monotonic() < give_up
        time.sleep(0.05)
    alone.stop()
    assert "Traceback" not in alone.log.read_text()


def test_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    if reason := why_not(deployed=False):
        pytest.skip(reason)
    code = (
        "import sys, os; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from local_aws import LocalAws\n"
        "print(LocalAws().start(Path(sys.argv[2])).pid, flush=True); os.abort()"
    )
    command = [str(PROJECT / ".venv" / "bin" / "python"), "-c", code, str(PROJECT / "tests" / "local"), str(tmp_path)]
    started = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    assert started.returncode == -signal.SIGABRT
    give_up = time.monotonic() + 15
    while running(int(started.stdout)):
        assert time.monotonic() < give_up
        time.sleep(0.05)
