"""Metaflow beside us: its own compiler to Step Functions, in an environment that is thrown away.

Metaflow writes its definition only while it talks to S3 and Batch; both are moto's server here, in the same
environment. https://docs.metaflow.org/production/scheduling-metaflow-flows/scheduling-with-aws-step-functions
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

VERSION = "2.19.39"
ROLE = "arn:aws:iam::123456789012:role/bench"

PREPARE = """
import sys, boto3
def client(name):
    return boto3.client(name, endpoint_url=sys.argv[1], region_name="us-east-1")
client("s3").create_bucket(Bucket="bench")
client("iam").create_role(RoleName="bench", AssumeRolePolicyDocument="{}")
resources = {
    "type": "FARGATE",
    "maxvCpus": 2,
    "subnets": [client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]],
    "securityGroupIds": [client("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"]],
}
batch = client("batch")
environment = batch.create_compute_environment(
    computeEnvironmentName="bench", type="MANAGED", computeResources=resources,
    serviceRole=sys.argv[2],
)["computeEnvironmentArn"]
order = [{"order": 1, "computeEnvironment": environment}]
batch.create_job_queue(jobQueueName="bench", state="ENABLED", priority=1, computeEnvironmentOrder=order)
"""

NOT_NESTED = {
    "start": ("a", "b"),
    "a": ("c", "d"),
    "b": ("d",),
    "c": ("joined",),
    "d": ("joined",),
    "joined": ("end",),
    "end": (),
}
"""Step -> the steps after it: the smallest graph that is not series-parallel, between the start and end asked for."""

NOT_NESTED_EDGES = [(before, after) for before, afters in NOT_NESTED.items() for after in afters]


class NotInstallable(Exception):
    """Metaflow or the server beside it could not be installed or started; the text says which command failed."""


@dataclass(frozen=True)
class Deployed:
    """Wall seconds of `step-functions create --only-json`, and the bytes of the definition it prints."""

    seconds: float
    bytes: int


@dataclass(frozen=True)
class Metaflow:
    """Its Python, a folder for flows and the environment variables that point it at the local server."""

    python: Path
    folder: Path
    environment: dict[str, str]

    def __call__(self, steps: int) -> Deployed:
        """A chain of empty steps."""
        names = ["start", *(f"step_{number}" for number in range(steps - 2)), "end"]
        after = [(name,) for name in names[1:]]
        flow = self._written(f"Chain{steps}", dict(zip(names, [*after, ()], strict=True)))
        began = time.perf_counter()
        done = self._run(flow, "--datastore", "s3", "step-functions", "create", "--only-json")
        if done.returncode:
            raise NotInstallable(f"{flow.name}: {done.stderr.strip()[-500:]}")
        return Deployed(time.perf_counter() - began, len(done.stdout.encode()))

    def not_nested(self) -> str:
        """What Metaflow says of the smallest graph that is not series-parallel."""
        done = self._run(self._written("NotNested", NOT_NESTED), "check")
        lines = (done.stdout + done.stderr).strip().splitlines()
        return f"exit {done.returncode}, {lines[-1].strip()}" if done.returncode else "accepted"

    def _run(self, flow: Path, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.python), str(flow), *words]
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)

    def _written(self, name: str, after: dict[str, tuple[str, ...]]) -> Path:
        befores = [each for afters in after.values() for each in afters]
        lines = ["from metaflow import FlowSpec, step", f"class {name}(FlowSpec):"]
        for step, afters in after.items():
            joins = ", inputs" if befores.count(step) > 1 else ""
            body = f"self.next({', '.join(f'self.{each}' for each in afters)})" if afters else "pass"
            lines += ["    @step", f"    def {step}(self{joins}):", f"        {body}"]
        path = self.folder / f"{name.lower()}.py"
        path.write_text("\n".join([*lines, "if __name__ == '__main__':", f"    {name}()", ""]))
        return path


@contextmanager
def deployed() -> Iterator[Metaflow]:
    """A fresh environment with Metaflow and a server of moto, both gone at the end; raises `NotInstallable`."""
    folder = Path(tempfile.mkdtemp(prefix="dpc-bench-metaflow-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        python = folder / "venv" / "bin" / "python"
        _do([sys.executable, "-m", "venv", str(folder / "venv")])
        _do([str(python), "-m", "pip", "install", "--quiet", f"metaflow=={VERSION}", "moto[server,s3,batch]==5.2.5"])
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        environment = _environment(url, folder)
        moto = [str(python.with_name("moto_server")), "-H", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(moto, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait(port)
        _do([str(python), "-c", PREPARE, url, ROLE], environment)
        yield Metaflow(python, folder, environment)
    finally:
        if server:
            server.terminate()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _environment(url: str, home: Path) -> dict[str, str]:
    return os.environ | {
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
        "METAFLOW_S3_ENDPOINT_URL": url,
        "METAFLOW_DEFAULT_DATASTORE": "s3",
        "METAFLOW_DEFAULT_METADATA": "local",
        "METAFLOW_DATASTORE_SYSROOT_S3": "s3://bench/metaflow",
        "METAFLOW_DATATOOLS_S3ROOT": "s3://bench/data",
        "METAFLOW_BATCH_JOB_QUEUE": "bench",
        "METAFLOW_ECS_S3_ACCESS_IAM_ROLE": ROLE,
        "METAFLOW_ECS_FARGATE_EXECUTION_ROLE": ROLE,
        "METAFLOW_SFN_IAM_ROLE": ROLE,
        "METAFLOW_HOME": str(home / "home"),
        "USERNAME": "bench",
    }


def _do(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise NotInstallable(f"{' '.join(command[:4])} ... ended with {done.returncode}: {done.stderr.strip()[-300:]}")


def _wait(port: int, most_s: float = 30.0) -> None:
    end = time.monotonic() + most_s
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise NotInstallable(f"the server of moto did not answer on 127.0.0.1:{port} within {most_s:.0f} s")
