# SPDX-License-Identifier: BSL-1.0
"""What the policies and the engine cost: over real servers in seconds, over the double in instructions."""
import json
import re
import shutil
import statistics
import subprocess

import processes
from bench import Bench
from processes import Failed
from tables import SOURCE, TARGET
from ways import PASSWORDS


def measure_policies(bench: Bench) -> None:
    table = bench.tables.procnote
    bench.warm(table)
    table.make_empty(bench.target)
    command = [str(bench.programs / "policies"), bench.source.uri(SOURCE), bench.target.uri(TARGET), table.name,
               str(bench.plan.policy_rounds)]
    seen = json.loads(bench.watch.run(command, PASSWORDS).out)
    medians = {side: {what: statistics.median(values) for what, values in seen[side].items()} for side in ("on", "off")}
    bench.ratios["policies_on_vs_off"] = round(medians["on"]["wall"] / medians["off"]["wall"], 3)
    bench.absolute["policies"] = {"on": medians["on"], "off": medians["off"], "runs": len(seen["on"]["wall"]),
                                  "client_cpu_on_vs_off": round(medians["on"]["cpu"] / medians["off"]["cpu"], 3),
                                  "rows": seen["rows"], "fixed_batch_rows": seen["batch_rows"]}


def calls(bench: Bench, side: str, rows: int) -> dict[str, int]:
    """How often a copy over the double makes each call."""
    done = processes.run([str(bench.programs / "engine"), side, str(rows)], 300, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise Failed(f"engine {side} {rows}: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def instructions(bench: Bench, side: str, rows: int) -> int:
    """How many instructions such a copy takes; 0 when valgrind cannot count them."""
    command = ["valgrind", "--tool=callgrind", f"--toggle-collect=rowferry_counted_{side}",
               "--callgrind-out-file=/dev/null", str(bench.programs / "engine"), side, str(rows)]
    done = processes.run(command, 900, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    counted = re.search(r"Collected\s*:\s*(\d+)", done.stderr)
    return int(counted[1]) if done.returncode == 0 and counted else 0


def measure_engine(bench: Bench) -> None:
    """Over two sizes, so that what a run does once falls out."""
    few, many = bench.plan.engine_rows
    if calls(bench, "pipeline", few) != calls(bench, "hand", few):
        raise Failed("engine.cpp: the loop by hand makes other calls than the pipeline")
    if shutil.which("valgrind") is None:
        bench.note("engine_vs_hand_loop", "valgrind is not installed: instructions were not counted.")
        return
    seen = {side: [instructions(bench, side, rows) for rows in (few, many)] for side in ("pipeline", "hand")}
    if not all(count for runs in seen.values() for count in runs):
        bench.note("engine_vs_hand_loop", "valgrind counted no instructions here.")
        return
    per_row = {side: (runs[1] - runs[0]) / (many - few) for side, runs in seen.items()}
    bench.ratios["engine_vs_hand_loop"] = round(per_row["pipeline"] / per_row["hand"], 4)
    bench.absolute["engine"] = {"instructions_per_row": {side: round(count, 1) for side, count in per_row.items()},
                                "rows": [few, many], "batch_rows": 1000}
