"""Virtual time: things happen in the order of their times, and what happens at one time in the order of its asking."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from compiler.interpreter.failing import StateFailed


class Timer:
    """Something that will happen, unless it is cancelled."""

    __slots__ = ("action", "cancelled")

    def __init__(self, action: Callable[[], None]) -> None:
        self.action = action
        self.cancelled = False


class Clock:
    """Seconds since the execution started, and what is due when."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._due: list[tuple[float, int, Timer]] = []
        self._asked = 0

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Does `action` that many seconds from now."""
        timer = Timer(action)
        self._asked += 1
        heapq.heappush(self._due, (self.now + seconds, self._asked, timer))
        return timer

    def run(self, finished: Callable[[], bool]) -> None:
        """Does what is due, in order, until `finished` or nothing is left."""
        while self._due and not finished():
            time, _, timer = heapq.heappop(self._due)
            if not timer.cancelled:
                self.now = time
                timer.action()


@dataclass
class Signal:
    """What a process waits for until somebody else raises it."""

    raised: bool = False
    waiting: Process | None = field(default=None, repr=False)

    def send(self) -> None:
        self.raised = True
        if self.waiting is not None:
            process, self.waiting = self.waiting, None
            process.wake(0.0)


Work = Generator[float | Signal, None, None]
"""A process yields seconds to sleep, or a signal to wait for."""


class Process:
    """Work that goes on in virtual time. `done` is called once, with the failure or None, unless it is cancelled."""

    def __init__(self, clock: Clock, work: Work, done: Callable[[StateFailed | None], None]) -> None:
        self._clock = clock
        self._work = work
        self._done = done
        self._timer: Timer | None = None
        self._signal: Signal | None = None
        self.wake(0.0)

    def wake(self, seconds: float) -> None:
        self._timer = self._clock.after(seconds, self._step)

    def cancel(self) -> None:
        """Ends the work where it stands; it may still write down that it was cut off."""
        if self._timer is not None:
            self._timer.cancelled = True
        if self._signal is not None:
            self._signal.waiting = None
        self._work.close()

    def _step(self) -> None:
        self._timer = None
        if self._signal is not None:
            self._signal.raised = False
            self._signal = None
        try:
            wanted = next(self._work)
            while isinstance(wanted, Signal) and wanted.raised:
                wanted.raised = False
                wanted = next(self._work)
        except StopIteration:
            self._done(None)
        except StateFailed as failure:
            self._done(failure)
        else:
            if isinstance(wanted, Signal):
                self._signal = wanted
                wanted.waiting = self
            else:
                self.wake(wanted)
