"""The execution environments of every function: an idle one is taken again, and where none is idle another is made.

docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html. How many there may be is counted by ministack.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aws_local.functions.worker import Plan, Worker

IDLE_S = 300.0
"""After which an environment is ended. AWS does not say when; minutes are usual."""


@dataclass
class Pool:
    """`folder`: where environments have their work folders. A changed plan makes new environments, as on AWS."""

    folder: Path
    idle: list[Worker] = field(default_factory=list)
    busy: list[Worker] = field(default_factory=list)
    doomed: dict[str, float] = field(default_factory=dict)
    """Function -> seconds into its next invocation at which the process is killed."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def taken(self, plan: Plan) -> Iterator[Worker]:
        """A worker of the plan, for one event. One whose process ended meanwhile is not given back."""
        self._end(self._leaving(plan))
        worker = self._idle(plan) or Worker(plan, self.folder / uuid.uuid4().hex, _stream())
        with self.lock:
            self.busy.append(worker)
            after_s = self.doomed.pop(plan.function, None)
        if after_s is not None:
            threading.Timer(after_s, worker.kill).start()
        try:
            yield worker
        finally:
            with self.lock:
                self.busy.remove(worker)
                keep = worker.process.poll() is None
                if keep:
                    self.idle.append(worker)
            if not keep:
                worker.close()

    def kill(self, function: str) -> int:
        """Kills what answers an event of the function now; how many there were."""
        with self.lock:
            found = [each for each in self.busy if each.plan.function == function]
        for each in found:
            each.kill()
        return len(found)

    def kill_next(self, function: str, after_s: float) -> None:
        with self.lock:
            self.doomed[function] = after_s

    def close(self) -> None:
        with self.lock:
            for each in self.busy:
                each.kill()
            idle, self.idle = self.idle, []
        self._end(idle)

    def _idle(self, plan: Plan) -> Worker | None:
        """The one used last, as the others are then left to end."""
        with self.lock:
            for each in reversed(self.idle):
                if each.plan == plan:
                    self.idle.remove(each)
                    return each
        return None

    def _leaving(self, plan: Plan) -> list[Worker]:
        """Of an older plan of the function, dead, or idle for too long; they are no longer among the idle ones."""
        now = time.monotonic()

        def leaves(each: Worker) -> bool:
            other = each.plan.function == plan.function and each.plan != plan
            return other or now - each.used > IDLE_S or each.process.poll() is not None

        with self.lock:
            found = [each for each in self.idle if leaves(each)]
            self.idle = [each for each in self.idle if each not in found]
        return found

    @staticmethod
    def _end(workers: list[Worker]) -> None:
        for each in workers:
            each.close()


def _stream() -> str:
    """As Lambda names its log streams."""
    return f"{time.strftime('%Y/%m/%d', time.gmtime())}/[$LATEST]{uuid.uuid4().hex}"
