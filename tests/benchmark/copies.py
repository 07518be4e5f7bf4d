# SPDX-License-Identifier: BSL-1.0
"""procnote by rowferry and by each peer, each pair in turn A B A B …, and rowferry's own ways to write."""
from bench import Bench
from processes import Failed, Wrong
from stopwatch import Cost, median_of, per_second
from tables import SOURCE, Table
from ways import Peers, Way

RATIOS = {"insert_select": "vs_insert_select", "mydumper": "vs_mydumper", "dump": "vs_dump",
          "replicator": "vs_replicator"}


def copy_once(bench: Bench, way: Way, table: Table, checked: set[str]) -> Cost:
    """One run into an empty table; the first of each way is compared with the source, outside the timing."""
    table.make_empty(way.server, way.database)
    cost = bench.watch.run(way.command, way.environment)
    rows = int(way.server.sql(f"SELECT COUNT(*) FROM {way.database}.{table.name}"))
    if rows != table.rows:
        problem = f"{way.name} copied {rows} of {table.rows} rows of {table.name}"
        raise Wrong(problem) if way.is_own else Failed(problem)
    if way.name not in checked:
        if table.checksum(way.server, way.database) != table.checksum(bench.source, SOURCE):
            problem = f"{way.title} made a table that differs from the source by CHECKSUM TABLE."
            if way.is_own:
                raise Wrong(problem)
            bench.note(way.name, problem)
        checked.add(way.name)
    return cost


def in_turn(bench: Bench, ways: list[Way], table: Table, rounds: int) -> dict[str, list[Cost]]:
    """Each way once, in this order, and so `rounds` times."""
    costs: dict[str, list[Cost]] = {way.name: [] for way in ways}
    checked: set[str] = set()
    for _ in range(rounds):
        for way in ways:
            costs[way.name].append(copy_or_repeat(bench, way, table, checked))
            bench.say(f"  {table.name}: {way.name} {costs[way.name][-1].wall:.2f} s")
    return costs


def copy_or_repeat(bench: Bench, way: Way, table: Table, checked: set[str]) -> Cost:
    """A peer that fails, as myloader does when its threads run into a deadlock, is run again, and the notes say so."""
    for attempt in (1, 2, 3):
        try:
            return copy_once(bench, way, table, checked)
        except Failed as problem:
            if way.is_own or attempt == 3:
                raise
            bench.note(way.name, f"A run failed, and was repeated: {str(problem).splitlines()[-1][:200]}")
    raise AssertionError("not reached")


def measure(bench: Bench) -> None:
    table, own = bench.tables.procnote, bench.tool.way(bench.tables.procnote, *bench.tool.jobs)
    bench.warm(table)
    copy_once(bench, own, table, set())  # not counted: both servers and the tool are in memory then
    peers = Peers(bench.source, bench.target, bench.folder)
    ways = peers.all(table, bench.plan.optional_peers)
    for name, why in peers.missing.items():
        bench.note(RATIOS.get(name, name), f"{why}: this peer was left out.")

    own_costs: list[Cost] = []
    results = {}
    for peer in ways:
        try:
            costs = in_turn(bench, [own, peer], table, bench.plan.rounds)
        except Failed as problem:
            bench.note(RATIOS.get(peer.name, peer.name), f"Not measured: {problem}")
            continue
        own_costs += costs[own.name]
        results[peer.name] = described(costs[peer.name], peer, table)
        ratio = median_of(costs[own.name])["wall"] / median_of(costs[peer.name])["wall"]
        if peer.name in RATIOS:
            bench.ratios[RATIOS[peer.name]] = round(ratio, 3)
        results[peer.name]["rowferry_against_it"] = round(ratio, 3)
    if own_costs:
        results = {own.name: described(own_costs, own, table), **results}
    bench.absolute["procnote"] = {"rows": table.rows, "mb": round(table.size / 1e6, 1), "ways": results}
    measure_write_ways(bench, table)


def described(costs: list[Cost], way: Way, table: Table) -> dict:
    return {"title": way.title, **per_second(median_of(costs), table.rows, table.size)}


def measure_write_ways(bench: Bench, table: Table) -> None:
    """The ways to write that the tool offers, with one job and with as many as the goals ask for."""
    if not bench.tool.has("--write-way"):
        return
    sets = [(), tuple(bench.tool.jobs)] if bench.tool.jobs else [()]
    ways = [bench.tool.way(table, "--write-way", how, *jobs, name=" ".join([how, *jobs]))
            for jobs in sets for how in ("array", "load-data", "multi-row")]
    results = {}
    for way in list(ways):
        try:
            copy_once(bench, way, table, set())
        except Failed as problem:  # a server or client library that cannot do it
            bench.note(way.name, f"Not measured: {problem}")
            ways.remove(way)
    costs = in_turn(bench, ways, table, bench.plan.rounds)
    for way in ways:
        results[way.name] = described(costs[way.name], way, table)
    bench.absolute["write_ways"] = results
