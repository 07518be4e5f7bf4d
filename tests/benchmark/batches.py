# SPDX-License-Identifier: BSL-1.0
"""Batches that find their size against fixed ones, on narrow, wide and mixed rows; throughput over bytes and jobs."""
from bench import Bench
from copies import in_turn
from stopwatch import median_of, per_second


def measure(bench: Bench) -> None:
    """One job, so that the batch size is all that differs."""
    results = {}
    for table in (bench.tables.narrow, bench.tables.wide, bench.tables.mixed):
        bench.warm(table)
        ways = [bench.tool.way(table, "--batch-rows", str(rows), name=str(rows)) for rows in bench.plan.batch_sizes]
        ways.append(bench.tool.way(table, name="adaptive"))
        costs = in_turn(bench, ways, table, bench.plan.batch_rounds)
        found = {name: per_second(median_of(runs), table.rows, table.size) for name, runs in costs.items()}
        best = min(found[str(rows)]["wall"] for rows in bench.plan.batch_sizes)
        results[table.name] = {"rows": table.rows, "mb": round(table.size / 1e6, 1), "sizes": found,
                               "adaptive_vs_best": round(found["adaptive"]["wall"] / best, 3)}
        bench.drop(table)
    bench.absolute["batches"] = results


def measure_bytes(bench: Bench) -> None:
    """procnote in adaptive batches that aim at so many bytes, one job: what the default is chosen by."""
    table = bench.tables.procnote
    bench.warm(table)
    ways = [bench.tool.way(table, "--batch-bytes", str(mib << 20), name=str(mib)) for mib in bench.plan.batch_mib]
    costs = in_turn(bench, ways, table, bench.plan.rounds)
    bench.absolute["batch_mib"] = {name: per_second(median_of(runs), table.rows, table.size)
                                   for name, runs in costs.items()}


def measure_jobs(bench: Bench) -> None:
    if not bench.tool.has("--jobs"):
        bench.note("jobs", "The tool has no option --jobs here: all copies ran with one job.")
        return
    table = bench.tables.procnote
    bench.warm(table)
    ways = [bench.tool.way(table, "--jobs", str(jobs), name=str(jobs)) for jobs in bench.plan.jobs]
    costs = in_turn(bench, ways, table, bench.plan.rounds)
    bench.absolute["jobs"] = {name: per_second(median_of(runs), table.rows, table.size) for name, runs in costs.items()}
