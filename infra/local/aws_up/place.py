"""Where an AWS on a laptop keeps what it needs while it is up, and who it is."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

ACCOUNT, REGION = "000000000000", "ap-northeast-1"
BUCKET, WORKGROUP = "dpc-learning-data-dev", "dpc-learning-dev"


@dataclass(frozen=True)
class Place:
    """`folder` is made by "up" and removed by "down", with everything in it."""

    project: Path
    folder: Path

    @property
    def terraform(self) -> Path:
        """The working copy of infra/terraform."""
        return self.folder / "terraform"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def server_python(self) -> Path:
        return self.project / ".venv-aws" / "bin" / "python"

    @property
    def python(self) -> Path:
        return self.project / ".venv" / "bin" / "python"

    @property
    def dist(self) -> Path:
        """The zips of dpc-compile, as they were when the definitions in the working copy were."""
        return self.folder / "dist"

    def claim(self) -> None:
        """Says that this process brings one up in the folder."""
        (self.folder / "up.pid").write_text(f"{os.getpid()}\n", encoding="utf-8")

    def unclaim(self) -> None:
        (self.folder / "up.pid").unlink(missing_ok=True)

    def coming_up(self) -> int | None:
        """The process that brings one up in the folder now."""
        file = self.folder / "up.pid"
        if not file.exists():
            return None
        pid = int(file.read_text("utf-8"))
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        return pid

    def program(self, name: str) -> str:
        """A program of the project's environment, such as dpc."""
        return str(self.project / ".venv" / "bin" / name)


@dataclass(frozen=True)
class Standing:
    """A server that was started: its process, which leads a process group of its own."""

    pid: int
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def environment(port: int) -> dict[str, str]:
    """What points AWS's tools at the server. The keys are made up: they are nobody's."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "laptop",
        "AWS_SECRET_ACCESS_KEY": "laptop",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def commands_environment(port: int) -> dict[str, str]:
    """`environment`, and what dpc's own commands take from theirs."""
    return {**environment(port), "DPC_LAKE": f"s3://{BUCKET}", "DPC_WORKGROUP": WORKGROUP}


def surroundings(more: dict[str, str]) -> dict[str, str]:
    """This process's environment with `more`, and without what would lead to a real account or to other settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_", "DPC_"))}
    return {**kept, **more}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def note(place: Place, standing: Standing) -> None:
    """Writes down what is up, for "down" and for the next "up", and aws.env for a person's shell."""
    (place.folder / "standing.json").write_text(json.dumps(asdict(standing)) + "\n", encoding="utf-8")
    lines = [f"export {name}={value}" for name, value in commands_environment(standing.port).items()]
    text = "\n".join([*lines, "unset AWS_PROFILE AWS_SESSION_TOKEN", ""])
    (place.folder / "aws.env").write_text(text, encoding="utf-8")


def noted(place: Place) -> Standing | None:
    """What was written down, whether it still runs or not."""
    file = place.folder / "standing.json"
    if not file.exists():
        return None
    told = json.loads(file.read_text("utf-8"))
    return Standing(told["pid"], told["port"])
