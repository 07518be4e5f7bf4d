# SPDX-License-Identifier: BSL-1.0
"""What must not grow with a table: the peak memory of a copy, and the time that a page takes."""
import json
import statistics

from bench import Bench
from copies import in_turn
from stopwatch import median_of, per_second
from tables import SOURCE
from ways import PASSWORDS


def measure(bench: Bench) -> None:
    few, many = bench.tables.few, bench.tables.many
    bench.warm(few)
    bench.warm(many)
    measure_pages(bench)
    memory = {}
    for table in (few, many):
        costs = in_turn(bench, [bench.tool.way(table)], table, 1 if table is many else min(3, bench.plan.rounds))
        memory[table.name] = {"rows": table.rows, **per_second(median_of(costs["rowferry"]), table.rows, table.size)}
    bench.ratios["peak_mib_large_vs_small"] = round(memory["many"]["peak_mib"] / memory["few"]["peak_mib"], 3)
    bench.absolute["memory"] = memory
    bench.drop(few)
    bench.drop(many)


def measure_pages(bench: Bench) -> None:
    """The first and the last page of the larger table, by the library's own requests."""
    table, rows = bench.tables.many, bench.plan.page_rows
    key = bench.source.sql(f"SELECT Id FROM {table.name} ORDER BY Id DESC LIMIT 1 OFFSET {rows}", SOURCE)
    command = [str(bench.programs / "last_page"), bench.source.uri(SOURCE), table.name, str(rows), key,
               str(bench.plan.page_rounds)]
    seen = json.loads(bench.watch.run(command, PASSWORDS).out)
    first, last = statistics.median(seen["first"]), statistics.median(seen["last"])
    bench.ratios["last_page_vs_first"] = round(last / first, 3)
    bench.absolute["pages"] = {"table_rows": table.rows, "page_rows": rows, "first_ms": round(first * 1e3, 3),
                               "last_ms": round(last * 1e3, 3), "runs": len(seen["first"])}
