"""How much memory an AWS on a laptop takes: the most at one moment, by what its processes are."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

MB = 1_000_000
EVERY_S = 0.2
SMAPS = re.compile(r"^(Rss|Pss): +(\d+) kB", re.MULTILINE)
WORKER, CONTAINER = b"functions/runtime.py", b"aws_local/container.py"


class ServerMemory(threading.Thread):
    """`peaks`: of the server, of all Lambda workers together and of the dbt task's processes together: their number,
    and resident MB as Linux tells them (proc(5), smaps_rollup). Pss counts a page that several processes share once,
    Rss once for each of them. Empty where there is no /proc."""

    def __init__(self, server: int, descendants: Callable[[int], list[int]]) -> None:
        super().__init__(daemon=True)
        self.peaks: dict[str, dict[str, float]] = {}
        self._server, self._descendants = server, descendants
        self._ended = threading.Event()

    def run(self) -> None:
        while Path("/proc/self/smaps_rollup").exists() and not self._ended.wait(EVERY_S):
            now: dict[str, dict[str, float]] = {}
            for pid, kind in self._processes():
                if told := SMAPS.findall(_read(pid, "smaps_rollup").decode()):
                    sums = now.setdefault(kind, {"processes": 0, "Rss": 0.0, "Pss": 0.0})
                    sums["processes"] += 1
                    for name, kilobytes in told:
                        sums[name] += int(kilobytes) * 1024 / MB
            for kind, sums in now.items():
                peak = self.peaks.setdefault(kind, sums)
                peak.update({name: max(peak[name], value) for name, value in sums.items()})

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def _processes(self) -> Iterator[tuple[int, str]]:
        yield self._server, "server"
        for pid in self._descendants(self._server):
            words = _read(pid, "cmdline").split(b"\0")
            if any(word.endswith(WORKER) for word in words):
                yield pid, "lambda workers"
            elif any(word.endswith(CONTAINER) for word in words):
                yield from ((each, "dbt task") for each in (pid, *self._descendants(pid)))


def _read(pid: int, name: str) -> bytes:
    """Nothing where the process has ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
