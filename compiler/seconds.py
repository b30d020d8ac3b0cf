"""Seconds as a person reads them."""


def in_words(seconds: float) -> str:
    """250 ms, 12.0 s, 5 min 12 s, 2 h 05 min."""
    if 0 < seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return (
        f"{whole // 60} min {whole % 60:02d} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    )
