# SPDX-License-Identifier: BSL-1.0
"""What all parts of a run share: servers, tables, programs, and the results as they come."""
import pathlib
import sys

from plan import Plan
from servers import Server
from stopwatch import Stopwatch
from tables import SOURCE, Table, Tables
from ways import Tool

RATIOS = ("vs_insert_select", "vs_mydumper", "vs_dump", "vs_replicator", "policies_on_vs_off", "engine_vs_hand_loop",
          "last_page_vs_first", "peak_mib_large_vs_small", "include_vs_std")
GOALS = {"vs_insert_select": 1.1, "vs_mydumper": 0.6, "vs_dump": 0.35, "vs_replicator": 0.15, "policies_on_vs_off": 1.03,
         "engine_vs_hand_loop": 1.05, "last_page_vs_first": 1.2, "include_vs_std": 1.25}
PEAK_MIB_GOAL = 64


class Bench:
    def __init__(self, plan: Plan, source: Server, target: Server, build: pathlib.Path, folder: pathlib.Path,
                 compiler: str):
        self.plan, self.source, self.target, self.folder, self.compiler = plan, source, target, folder, compiler
        self.programs = build / "tests" / "benchmark"
        self.watch = Stopwatch(self.programs / "stopwatch", folder, (source.pid, target.pid), plan.settle_seconds)
        self.tool = Tool(build / "examples" / "rowferry", source, target)
        self.tables = Tables(plan)
        self.ratios: dict[str, float | None] = {name: None for name in RATIOS}
        self.absolute: dict = {}
        self.notes: dict[str, str] = {}
        self.filled: set[str] = set()

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def note(self, about: str, sentence: str) -> None:
        """What a reader has to know of a number, or why there is none."""
        self.notes[about] = sentence
        self.say(f"  {about}: {sentence}")

    def warm(self, table: Table) -> None:
        """Fills the table, if that was not done yet, and brings it into the source's memory."""
        if table.name not in self.filled:
            self.say(f"  filling {table.name} with {table.rows} rows")
            table.fill(self.source)
            self.filled.add(table.name)
        self.source.sql(f"CHECKSUM TABLE {table.name}", SOURCE)

    def drop(self, table: Table) -> None:
        self.source.sql(f"DROP TABLE IF EXISTS {table.name}", SOURCE)
        self.filled.discard(table.name)
