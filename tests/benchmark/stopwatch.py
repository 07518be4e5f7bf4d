# SPDX-License-Identifier: BSL-1.0
"""What a command costs: time, CPU of the client and of each server, peak memory, and how busy others were meanwhile."""
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import time

import processes
from processes import Failed

TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def cpu_of_machine() -> float:
    """Seconds of CPU that all processes have used, with what a hypervisor took away."""
    fields = [int(text) for text in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICK  # without idle and iowait


@dataclasses.dataclass
class Cost:
    wall: float
    client_cpu: float
    source_cpu: float
    target_cpu: float
    peak_mib: float
    others: float  # share of the machine's CPU that others used, 0 to 1
    out: str = ""


class Stopwatch:
    """Runs commands one at a time. `servers` are the pids of source and target."""

    def __init__(self, program: pathlib.Path, folder: pathlib.Path, servers: tuple[int, int], settle_seconds: float):
        self.program = program
        self.folder = folder
        self.servers = servers
        self.settle_seconds = settle_seconds

    def settle(self) -> None:
        """Waits until the servers have done what they do in the background after the last change."""
        end = time.monotonic() + self.settle_seconds
        while time.monotonic() < end:
            before = [cpu_of(pid) for pid in self.servers]
            time.sleep(0.25)
            if all(cpu_of(pid) - was <= 0.02 for pid, was in zip(self.servers, before)):
                return

    def run(self, command: list[str], environment: dict[str, str] | None = None, limit: float = 1800) -> Cost:
        """What one run cost; raises Failed when it ends with another exit code than 0."""
        report, log = self.folder / "stopwatch.json", self.folder / "stopwatch.log"
        report.unlink(missing_ok=True)
        self.settle()
        servers = [cpu_of(pid) for pid in self.servers]
        machine, begin = cpu_of_machine(), time.monotonic()
        with open(log, "w") as errors:
            out = processes.run([str(self.program), str(report), *command], limit, stdout=subprocess.PIPE, stderr=errors,
                                cwd=self.folder, env={**os.environ, **(environment or {})}).stdout
        elapsed = time.monotonic() - begin
        machine = cpu_of_machine() - machine
        used = [cpu_of(pid) - was for pid, was in zip(self.servers, servers)]
        if not report.exists():
            raise Failed(f"{self.program} did not start: {log.read_text()[-2000:]}")
        seen = json.loads(report.read_text())
        if seen["exit"] != 0:
            raise Failed(f"{command[0]} ended with {seen['exit']}: {(log.read_text() or out)[-2000:].strip()}")
        client = seen["user"] + seen["system"]
        spare = machine - client - sum(used)
        others = max(0.0, spare) / max(elapsed * (os.cpu_count() or 1), 1e-9)
        return Cost(seen["wall"], client, used[0], used[1], seen["peak_kib"] / 1024, min(1.0, others), out)


def median_of(costs: list[Cost]) -> dict[str, float]:
    """The medians of each number, and the smallest and the largest wall time."""
    names = [field.name for field in dataclasses.fields(Cost) if field.name != "out"]
    medians = {name: round(statistics.median(getattr(cost, name) for cost in costs), 4) for name in names}
    walls = [cost.wall for cost in costs]
    return {**medians, "wall_least": round(min(walls), 4), "wall_most": round(max(walls), 4), "runs": len(costs)}


def per_second(medians: dict[str, float], rows: int, size: int) -> dict[str, float]:
    """The same with rows/s and MB/s."""
    wall = max(medians["wall"], 1e-9)
    return {**medians, "rows_per_second": round(rows / wall), "mb_per_second": round(size / 1e6 / wall, 2)}
