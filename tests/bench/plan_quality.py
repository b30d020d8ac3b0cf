"""How near plans come to the critical path: `python -m tests.bench.plan_quality [--first-seed N] [--no-metaflow]`.

1. Mean makespan over critical path on synthetic dbt-like graphs: the exact optimum (10 nodes, every cut tried), our
   search, and level barriers, the way of Kedro's guide to Step Functions (a Parallel for every topological level).
2. Chains beside Metaflow, from source to definition: seconds and bytes; and a graph that is not nested.
"""

import argparse
import sys
import time
from pathlib import Path
from statistics import fmean

from compiler.plan import plan_graph
from tests.bench import compile_scale, metaflow_flows

sys.path.insert(0, str(Path(__file__).parents[1] / "compiler"))

# Nodes -> (graphs, the mean that is asked).
SIZES = {10: (40, None), 30: (40, 1.02), 100: (20, 1.05), 300: (20, 1.08)}
NEAR_EXACT = 0.01
MOST_SECONDS = 5.0
CHAINS = (10, 50, 100)


def planned(size: int, graphs: int, first_seed: int) -> dict[str, float]:
    """Means over `graphs` seeds, the longest planning in seconds, and on how many graphs the barriers end earlier."""
    import dbt_like_graphs
    import tree_order

    best, ours, barriers, seconds = [], [], [], []
    for seed in range(first_seed, first_seed + graphs):
        given = dbt_like_graphs.synthetic(size, seed)
        began = time.perf_counter()
        plan = plan_graph(given.durations, given.edges)
        seconds.append(time.perf_counter() - began)
        ours.append(plan.ratio)
        barriers.append(plan_graph(given.durations, given.edges, "levels").ratio)
        if size <= 10:
            best.append(tree_order.best_makespan(given.durations, given.edges) / plan.critical_path_s)
    worse = sum(mine > theirs + 1e-9 for mine, theirs in zip(ours, barriers, strict=True))
    figures = {"ours": fmean(ours), "levels": fmean(barriers), "slowest": max(seconds), "worse": worse}
    return figures | ({"exact": fmean(best)} if best else {})


def kept(figures: dict[str, float], most: float | None) -> bool:
    limit = figures["exact"] + NEAR_EXACT if most is None else most
    return figures["ours"] <= limit and figures["slowest"] < MOST_SECONDS and not figures["worse"]


def qualities(first_seed: int) -> bool:
    print("Makespan / critical path, mean over synthetic dbt-like graphs with known durations")
    print(f"{'nodes':>5}  {'graphs':>6}  {'exact':>6}  {'ours':>6}  {'asked':>6}  {'levels':>6}  {'slowest s':>9}")
    good = True
    for size, (graphs, most) in SIZES.items():
        found = planned(size, graphs, first_seed)
        good &= kept(found, most)
        exact = f"{found['exact']:.3f}" if "exact" in found else "-"
        asked = found["exact"] + NEAR_EXACT if most is None else most
        print(
            f"{size:>5}  {graphs:>6}  {exact:>6}  {found['ours']:>6.3f}  {asked:>6.3f}  {found['levels']:>6.3f}  "
            f"{found['slowest']:>9.2f}{'' if kept(found, most) else '  MISSED'}",
            flush=True,
        )
    return good


def beside_metaflow() -> None:
    """Prints what both need for the same chains; says so and goes on where Metaflow cannot be installed."""
    print(f"\nChains beside Metaflow {metaflow_flows.VERSION}, from source to the definition of the machine")
    print(f"{'steps':>5}  {'ours s':>7}  {'bytes':>9}  {'Metaflow s':>10}  {'bytes':>9}")
    began = time.perf_counter()
    compile_scale.measure(2)
    imports = time.perf_counter() - began
    try:
        with metaflow_flows.deployed() as deploy:
            for size in CHAINS:
                ours, theirs = compile_scale.measure(size, chain=True), deploy(size)
                print(f"{size:>5}  {ours.total:>7.2f}  {ours.bytes:>9,}  {theirs.seconds:>10.2f}  {theirs.bytes:>9,}")
            ratio = plan_graph(dict.fromkeys(metaflow_flows.NOT_NESTED, 1.0), metaflow_flows.NOT_NESTED_EDGES).ratio
            print(
                f"\nNot nested (a,b -> d; a -> c): ours plans it at ratio {ratio:.3f}; Metaflow: {deploy.not_nested()}"
            )
            print(
                "Metaflow's seconds hold its start, its code package and its calls to an S3 and Batch of moto;\n"
                f"ours are the passes without the imports ({imports:.1f} s once), bytes with 100-character ARNs."
            )
    except metaflow_flows.NotInstallable as error:
        print(f"Metaflow could not be installed here, so its side is left out: {error}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--first-seed", type=int, default=70_000)
    options.add_argument("--no-metaflow", action="store_true")
    chosen = options.parse_args()
    good = qualities(chosen.first_seed)
    if not chosen.no_metaflow:
        beside_metaflow()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
