"""How large machines grow: bytes an asset are bounded, and a thousand assets fit into what AWS takes."""

import re
from pathlib import Path

import synthetic_assets

from compiler import build, extract

ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:".ljust(100, "x")


def compiled(size: int, strategy: str = "levels") -> build.Draft:
    """Without the search, which another test times: size depends little on the plan."""
    graph = extract.extract(synthetic_assets.definitions(size, seed=1))
    return build.run(build.PASSES, build.Draft(graph, Path(__file__).parent, strategy))


def filled_bytes(draft: build.Draft) -> int:
    return len(re.sub(r"\$\{[^}]*\}", ARN, draft.machines["synthetic"]).encode())


def test_a_thousand_assets_fit() -> None:
    draft = compiled(1000)
    size = filled_bytes(draft)
    assert size < 1_000_000
    assert size / 1000 < 1000
    assert draft.estimate is not None and draft.estimate.history_events < 25_000
    assert sum(map(len, build.files(draft).values())) < 3_000_000


def test_bytes_grow_with_the_assets_and_not_faster() -> None:
    sizes = {size: filled_bytes(compiled(size)) / size for size in (30, 100, 300)}
    assert sizes[300] <= sizes[100] * 1.05 <= sizes[30] * 1.05**2 < 1000 * 1.05**2
    assert filled_bytes(compiled(10, "sp")) / 10 < 1000
