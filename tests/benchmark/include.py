# SPDX-License-Identifier: BSL-1.0
"""What `#include <rowferry/rowferry.hpp>` costs the compiler's front end, against its standard headers alone."""
import pathlib
import re
import resource
import shutil
import statistics
import subprocess

import processes
from bench import Bench
from processes import Failed

INCLUDE = pathlib.Path(__file__).resolve().parents[2] / "include"


def headers_outside(entry: str) -> list[str]:
    """What the header and those of ours that it includes take from elsewhere, sorted."""
    seen, outside, left = set(), set(), [entry]
    while left:
        header = left.pop()
        if header in seen:
            continue
        seen.add(header)
        for name in re.findall(r"^\s*#\s*include\s*<([^>]+)>", (INCLUDE / header).read_text(), re.M):
            (left.append if name.startswith("rowferry/") else outside.add)(name)
    return sorted(outside)


def is_standard(header: str) -> bool:
    return re.fullmatch(r"[a-z_]+", header) is not None


def front_end_seconds(compiler: str, source: pathlib.Path) -> float:
    """CPU seconds of one run: they depend less on what else runs than the time that passes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = processes.run([compiler, "-std=c++20", "-fsyntax-only", f"-I{INCLUDE}", str(source)], 600,
                         stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise Failed(f"{compiler} does not compile {source.name}: {done.stderr.strip()[:300]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(bench: Bench) -> None:
    if shutil.which(bench.compiler) is None:
        bench.note("include_vs_std", f"{bench.compiler} is not installed.")
        return
    standard = [header for header in headers_outside("rowferry/rowferry.hpp") if is_standard(header)]
    ours, theirs = bench.folder / "include_ours.cpp", bench.folder / "include_standard.cpp"
    ours.write_text("#include <rowferry/rowferry.hpp>\n")
    theirs.write_text("".join(f"#include <{header}>\n" for header in standard))
    seconds: dict[pathlib.Path, list[float]] = {ours: [], theirs: []}
    for source in seconds:  # not counted: it brings the headers into memory
        front_end_seconds(bench.compiler, source)
    for _ in range(bench.plan.include_rounds):
        for source, runs in seconds.items():
            runs.append(front_end_seconds(bench.compiler, source))
    medians = [statistics.median(runs) for runs in seconds.values()]
    bench.ratios["include_vs_std"] = round(medians[0] / medians[1], 3)
    bench.absolute["include"] = {"rowferry_seconds": round(medians[0], 3), "standard_seconds": round(medians[1], 3),
                                 "standard_headers": standard, "runs": bench.plan.include_rounds}
