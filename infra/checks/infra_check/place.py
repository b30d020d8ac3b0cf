"""Where the project's files are, and a copy of them that tools may write into."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

ENVIRONMENTS = ("dev", "prod")


@dataclass
class Place:
    """`project`: the repository's root. `scratch`: an empty folder that is thrown away afterwards.

    Everything that a tool could write beside its input (lock files, state, plans) lands in the copy.
    """

    project: Path
    scratch: Path
    kept: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    guard: threading.RLock = field(default_factory=threading.RLock)

    @property
    def source(self) -> Path:
        return self.project / "infra" / "terraform"

    @cached_property
    def copy(self) -> Path:
        """infra/terraform, at the same place relative to build/dist, without what tools left behind."""
        target = self.scratch / "project" / "infra" / "terraform"
        left = shutil.ignore_patterns(".terraform", "*.tfstate", "*.tfstate.*", "*.tfplan", "crash.log")
        shutil.copytree(self.source, target, ignore=left)
        return target

    @property
    def modules(self) -> list[str]:
        """modules/iam and so on: every folder of modules/ that holds Terraform."""
        return [f"modules/{name}" for name in _terraform_folders(self.source / "modules")]

    @property
    def roots(self) -> list[str]:
        """bootstrap, dev, prod: every other folder that holds Terraform."""
        return [name for name in _terraform_folders(self.source) if name not in ("generated", "modules")]

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` answered the first time; checks share what is expensive. An exception is kept as well."""
        with self.guard:
            if name not in self.kept:
                try:
                    self.kept[name] = make()
                except Exception as error:
                    self.kept[name] = error
        found = self.kept[name]
        if isinstance(found, Exception):
            raise found
        return found

    def note(self, check: str, text: str) -> None:
        """Something that a person should see beside a check that passed."""
        self.notes.setdefault(check, []).append(text)


def _terraform_folders(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.glob("*/") if any(each.glob("*.tf")))
