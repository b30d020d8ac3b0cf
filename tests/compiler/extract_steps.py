"""Plain functions that the tests of extract name: some of them could not run in AWS."""

from collections.abc import Callable, Iterator
from functools import partial, wraps


def work() -> None:
    """Does nothing."""


def run() -> None:
    """Does nothing."""


def other() -> None:
    """Does nothing."""


def by_partition(partition: str, select: str | None = None, more: int = 3) -> None:
    """Asks for what there is."""


def takes_orders(orders: list[int]) -> None:
    """Asks for a value that nothing gives."""


def with_context(context) -> None:  # type: ignore[no-untyped-def]  # Dagster wants its own type or none
    """Dagster gives its own context."""


def factory() -> Callable[[], None]:
    def inner() -> None:
        """Cannot be named from outside."""

    return inner


def wrapped(function: Callable[[], None]) -> Callable[[], None]:
    @wraps(function)
    def around() -> None:
        function()

    return around


async def later() -> None:
    """Has to be awaited."""


def bit_by_bit() -> Iterator[int]:
    yield 1


def call(step: object, event: object, context: object) -> None:
    """An adapter."""


made = partial(by_partition, more=4)
