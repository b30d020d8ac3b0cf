"""The roots of infra/terraform, applied to the server by Terraform itself.

The committed files stay as they are: a copy is worked in, to which two files are added. `laptop_override.tf` tells the
provider that buckets stand in the path (127.0.0.1 has no names below it), `laptop.auto.tfvars.json` says what an
operator says. Everything else that differs from an account is the environment: AWS_ENDPOINT_URL and made-up keys.

One thing more is overridden unless `as_committed`: functions take their zips from a bucket. The provider (5.100,
internal/service/lambda/function.go) sends one zip at a time and waits five seconds with each, more than a minute in
all; it does not where the zip is in S3. The zips are the same, byte for byte.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra_check import terraform

from aws_up import processes
from aws_up.place import ACCOUNT, Place, environment, surroundings

BOOTSTRAP, DEV = "bootstrap", "dev"

AT_ONCE = 30
"""Resources made at the same time: nearly all of the time is the provider's own waiting."""

CODE_BUCKET = "dpc-learning-code-laptop"

_HELD = "Error acquiring the state lock"

_OVERRIDE = 'provider "aws" {\n  s3_use_path_style = true\n}\n'

_CODE = f"""resource "aws_lambda_function" "this" {{
  filename  = null
  s3_bucket = "{CODE_BUCKET}"
  s3_key    = each.value.file
}}
"""

GIVEN: Mapping[str, Mapping[str, object]] = {
    BOOTSTRAP: {"account_id": ACCOUNT, "github_repository": "example/dpc-learning"},
    DEV: {
        "account_id": ACCOUNT,
        "upload_cidrs": ["127.0.0.0/8"],
        "notification_emails": ["somebody@example.org"],
        # No image is built: a subprocess stands for the container. A digest is what the module asks for.
        "dbt_image_digest": f"sha256:{'0' * 64}",
    },
}


@dataclass(frozen=True)
class Root:
    """One root against one server."""

    place: Place
    port: int
    name: str

    @property
    def folder(self) -> Path:
        return self.place.terraform / self.name

    @property
    def saved(self) -> Path:
        return self.place.folder / f"{self.name}.tfplan"

    @property
    def log(self) -> Path:
        return self.place.logs / f"terraform-{self.name}.log"

    def initialise(self) -> None:
        """`terraform init`, for the S3 backend of an environment too."""
        more = ["-backend-config=use_path_style=true"] if (self.folder / "backend.tf").exists() else []
        self._run("init", *terraform.plugins(), *more)

    def plan(self) -> None:
        """Plans without the lock, which need not be there yet."""
        command = self._command("plan", "-lock=false", f"-out={self.saved}")
        processes.run(command, self.folder, self.log, self._environ())

    def apply(self) -> None:
        """What was planned. Where the answer to the lock's PutItem is lost, the SDK asks again and meets the lock that
        it has just taken (seen once, under load); nobody else locks here, so the plan is then applied without."""
        saved = str(self.saved)
        try:
            processes.run([*self._command("apply"), saved], self.folder, self.log, self._environ())
        except processes.Failed as failed:
            if _HELD not in str(failed):
                raise
            processes.run([*self._command("apply", "-lock=false"), saved], self.folder, self.log, self._environ())

    def begin_apply(self) -> subprocess.Popen[bytes]:
        return processes.begin(self._command("apply", "-auto-approve"), self.folder, self.log, self._environ())

    def finish(self, started: subprocess.Popen[bytes]) -> None:
        processes.finish(started, [terraform.program(), f"-chdir={self.name}", "apply"], self.log)

    def destroy(self) -> None:
        """Buckets have to be empty."""
        processes.run(self._command("destroy", "-auto-approve"), self.folder, self.log, self._environ())

    def changes(self) -> str:
        """What a plan would change, in Terraform's words; nothing where it would change nothing."""
        log = self.place.logs / f"terraform-{self.name}-plan.log"
        log.unlink(missing_ok=True)
        command = self._command("plan", "-detailed-exitcode")
        status = processes.status(processes.begin(command, self.folder, log, self._environ()))
        said = log.read_text("utf-8", "replace")
        if status not in (0, 2):
            raise processes.Failed(f"terraform plan: status {status}\n{said}")
        return said if status else ""

    def wait_for(self, address: str, started: subprocess.Popen[bytes]) -> None:
        """Until the apply under way tells that it made the resource. Raises Failed where it ends in an error."""
        while f"{address}: Creation complete" not in self.log.read_text("utf-8", "replace"):
            if started.poll() is not None:
                self.finish(started)
                return
            time.sleep(0.2)

    def outputs(self) -> dict[str, object]:
        told = subprocess.run(
            [terraform.program(), "output", "-json"],
            cwd=self.folder,
            env=surroundings(self._environ()),
            capture_output=True,
            check=True,
        ).stdout
        return {name: each["value"] for name, each in json.loads(told).items()}

    def _run(self, *words: str) -> None:
        processes.run([terraform.program(), *words, "-no-color"], self.folder, self.log, self._environ())

    def _command(self, *words: str) -> list[str]:
        return [terraform.program(), *words, "-no-color", f"-parallelism={AT_ONCE}"]

    def _environ(self) -> dict[str, str]:
        plugins = self.place.project / ".venv-aws" / "terraform-plugins"
        plugins.mkdir(exist_ok=True)
        return {
            **environment(self.port),
            # S3 Control asks 000000000000.127.0.0.1, a name that nobody knows: the server is its own proxy.
            "HTTP_PROXY": f"http://127.0.0.1:{self.port}",
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            # Where the provider comes from the registry, it is fetched once for both roots and all times.
            "TF_PLUGIN_CACHE_DIR": str(plugins),
            "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1",
        }


def copy(place: Place, as_committed: bool) -> None:
    """The working copy, with what the laptop adds."""
    left = shutil.ignore_patterns(".terraform", "*.tfstate", "*.tfstate.*", "*.tfplan", "tests")
    shutil.copytree(place.project / "infra" / "terraform", place.terraform, ignore=left)
    for name, given in GIVEN.items():
        more = {"dist_dir": str(place.dist)} if name == DEV else {}
        (place.terraform / name / "laptop_override.tf").write_text(_OVERRIDE, encoding="utf-8")
        file = place.terraform / name / "laptop.auto.tfvars.json"
        file.write_text(json.dumps({**given, **more}, indent=2) + "\n", encoding="utf-8")
    if not as_committed:
        (place.terraform / "modules" / "pipeline" / "laptop_override.tf").write_text(_CODE, encoding="utf-8")
