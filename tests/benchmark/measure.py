#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Measures everything on the servers that run.sh has started, and writes the JSON. Called by run.sh."""
import argparse
import json
import os
import pathlib
import platform
import signal
import sys
import time

import batches
import copies
import engine
import growth
import include
import table
from bench import RATIOS, Bench
from plan import plans
from processes import Failed
from servers import Server
from tables import SOURCE

PARTS = {"include": include.measure, "engine": engine.measure_engine, "growth": growth.measure,
         "peers": copies.measure, "policies": engine.measure_policies, "jobs": batches.measure_jobs,
         "bytes": batches.measure_bytes, "sizes": batches.measure}


def parse_server(text: str) -> Server:
    folder, port, pid = text.rsplit(",", 2)
    return Server(pathlib.Path(folder), int(port), int(pid))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--plan", choices=plans, required=True)
    parser.add_argument("--only", choices=PARTS, help="this part alone")
    parser.add_argument("--source", type=parse_server, required=True, help="FOLDER,PORT,PID")
    parser.add_argument("--target", type=parse_server, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    return parser.parse_args()


def others_of(found: object) -> list[float]:
    """All shares of the machine that others used while something was timed."""
    if isinstance(found, dict):
        own = [found["others"]] if isinstance(found.get("others"), float) else []
        return own + [share for value in found.values() for share in others_of(value)]
    return []


def conditions(bench: Bench, began: float, complete: bool) -> dict:
    shares = others_of(bench.absolute)
    others = sum(shares) / len(shares) if shares else 0.0
    return {"plan": bench.plan.name, "rounds": bench.plan.rounds, "cores": os.cpu_count(),
            "machine": platform.machine(), "server": bench.source.sql("SELECT VERSION()"),
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
            "jobs": int(bench.tool.jobs[1]) if bench.tool.jobs else 1, "others": round(others, 3), "busy": others > 0.1,
            "complete": complete, "minutes": round((time.monotonic() - began) / 60, 1)}


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    arguments, began = parse_arguments(), time.monotonic()
    bench = Bench(plans[arguments.plan], arguments.source, arguments.target, arguments.build, arguments.folder,
                  arguments.compiler)
    bench.source.sql(f"CREATE DATABASE {SOURCE}")
    assert tuple(bench.ratios) == RATIOS
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    failed, result = [], {}
    parts = [arguments.only] if arguments.only else list(PARTS)
    for number, title in enumerate(parts, 1):
        bench.say(f"== {title} ({time.monotonic() - began:.0f} s)")
        try:
            PARTS[title](bench)
        except Failed as problem:  # the other parts are worth having all the same
            bench.note(title, f"Failed: {problem}")
            failed.append(title)
        now = conditions(bench, began, complete=number == len(PARTS))
        result = {"ratios": bench.ratios, "absolute": {"conditions": now, **bench.absolute, "notes": bench.notes}}
        arguments.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(table.as_text(result))
    if failed:
        bench.say(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
