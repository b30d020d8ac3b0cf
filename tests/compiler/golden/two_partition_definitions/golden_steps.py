"""What the assets beside it run."""


def run() -> None: ...
