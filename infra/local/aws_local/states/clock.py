"""The interpreter's clock in real time: what is due is done when it is due, and other threads may ask for things."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from compiler.interpreter.clock import Clock, Timer

_LOG = logging.getLogger(__name__)

Told = TypeVar("Told")


class RealClock(Clock):
    """Second 0 is when it is made. Every action runs in the one thread that is inside `run`, one after another; any
    thread may ask for one."""

    def __init__(self) -> None:
        self._zero = time.monotonic()
        self._changed = threading.Condition()
        super().__init__()

    @property
    def now(self) -> float:
        return time.monotonic() - self._zero

    @now.setter
    def now(self, ignored: float) -> None:
        """Time passes by itself."""

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        with self._changed:
            timer = super().after(seconds, action)
            self._changed.notify()
            return timer

    def post(self, action: Callable[[], None]) -> None:
        """Does `action` as soon as may be, behind what is due already."""
        self.after(0.0, action)

    def ask(self, question: Callable[[], Told]) -> Told:
        """What `question` answers, or raises, as an action. Never to be called from an action."""
        answer: Future[Told] = Future()

        def act() -> None:
            try:
                answer.set_result(question())
            except Exception as error:
                answer.set_exception(error)

        self.post(act)
        return answer.result()

    def run(self, finished: Callable[[], bool]) -> None:
        """Waits for what is due and does it, until `finished`, which is asked before each action. An action that
        fails is logged, and the others go on."""
        while not finished():
            timer = self._next()
            try:
                timer.action()
            except Exception:
                _LOG.exception("An action of the clock failed")

    def _next(self) -> Timer:
        with self._changed:
            while True:
                while self._due and self._due[0][2].cancelled:
                    heapq.heappop(self._due)
                left = self._due[0][0] - self.now if self._due else None
                if left is not None and left <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(left)
