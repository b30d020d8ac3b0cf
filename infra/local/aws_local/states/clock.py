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
    """Second 0 is when it is made. Every action runs in the one thread that is inside `run`, one after another.

    `now` is when the action under way began. `after` is for actions; other threads use `post` and `ask`.
    """

    def __init__(self) -> None:
        super().__init__(0.0)
        self._zero = time.monotonic()
        self._changed = threading.Condition()

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        with self._changed:
            timer = super().after(seconds, action)
            self._changed.notify()
            return timer

    def post(self, action: Callable[[], None]) -> None:
        """Does `action` as soon as may be, behind what was posted before."""
        with self._changed:
            self._asked += 1
            heapq.heappush(self._due, (self._elapsed(), self._asked, Timer(action)))
            self._changed.notify()

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
                left = self._due[0][0] - self._elapsed() if self._due else None
                if left is not None and left <= 0:
                    self.now = self._elapsed()
                    return heapq.heappop(self._due)[2]
                self._changed.wait(left)

    def _elapsed(self) -> float:
        return time.monotonic() - self._zero
