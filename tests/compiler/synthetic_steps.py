"""What every synthetic asset runs: nothing."""


def work() -> dict[str, int]:
    return {"rows": 0}
