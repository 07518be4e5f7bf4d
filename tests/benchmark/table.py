# SPDX-License-Identifier: BSL-1.0
"""The results as tables: Markdown, which is read as well on a terminal."""
from bench import GOALS, PEAK_MIB_GOAL

WHAT = {
    "vs_insert_select": "`procnote`, server to server ÷ `INSERT … SELECT` inside one server",
    "vs_mydumper": "÷ mydumper, then myloader, 2 threads each",
    "vs_dump": "÷ `mariadb-dump \\| mariadb`",
    "vs_replicator": "÷ the old replicator's loop",
    "policies_on_vs_off": "checkpoint, retry, adaptive batch and token bucket ÷ the same pipeline without them",
    "engine_vs_hand_loop": "engine over the double ÷ a loop by hand, instructions per row",
    "last_page_vs_first": "the last keyset page ÷ the first",
    "peak_mib_large_vs_small": "peak memory, many rows ÷ few",
    "include_vs_std": "`#include <rowferry/rowferry.hpp>` ÷ its standard headers alone",
}


def rows_of(headings: list[str], rows: list[list[str]]) -> str:
    """One Markdown table, its columns aligned."""
    cells = [headings, ["---" if i == 0 else "---:" for i in range(len(headings))], *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    def line(row: list[str]) -> str:
        padded = [cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        return "| " + " | ".join(padded) + " |"
    return "\n".join(line(row) for row in cells)


def number(value: float, digits: int = 2) -> str:
    return f"{value:,.{digits}f}".replace(",", " ")


def speed(found: dict) -> list[str]:
    return [number(found["wall"]), number(found["client_cpu"]), number(found["source_cpu"]), number(found["target_cpu"]),
            number(found["peak_mib"], 1), number(found["rows_per_second"], 0), number(found["mb_per_second"], 1)]


SPEED = ["wall s", "CPU client", "CPU source", "CPU target", "peak MiB", "rows/s", "MB/s"]


def ratios(result: dict) -> str:
    rows = []
    for name, what in WHAT.items():
        value, goal = result["ratios"][name], GOALS.get(name)
        if name == "peak_mib_large_vs_small":
            peaks = [part["peak_mib"] for part in result["absolute"].get("memory", {}).values()]
            what += "".join(f"{', ' if i else ': '}{number(peak, 1)} MiB" for i, peak in enumerate(reversed(peaks)))
            met = bool(peaks) and max(peaks) <= PEAK_MIB_GOAL and value <= 1.1
            goal_text = f"the same, ≤ {PEAK_MIB_GOAL} MiB"
        else:
            met = value is not None and value <= goal
            goal_text = f"≤ {goal}"
        shown = "not measured" if value is None else number(value, 3)
        rows.append([what, shown, goal_text, "" if value is None else "yes" if met else "no"])
    return rows_of(["ratio", "measured", "goal", "met"], rows)


def ways(found: dict, title: str = "way") -> str:
    return rows_of([title, *SPEED], [[way["title"], *speed(way)] for way in found.values()])


def batches(result: dict) -> str:
    found = result["absolute"]["batches"]
    sizes = list(next(iter(found.values()))["sizes"])
    rows = [[f"{name}, {number(part['rows'], 0)} rows, {number(part['mb'], 0)} MB",
             *[number(part["sizes"][size]["wall"]) for size in sizes], number(part["adaptive_vs_best"], 3)]
            for name, part in found.items()]
    return rows_of(["wall s", *[size if size == "adaptive" else f"{int(size):,}".replace(",", " ") for size in sizes],
                    "adaptive ÷ best"], rows)


def numbered(found: dict, title: str) -> str:
    return rows_of([title, *SPEED], [[name, *speed(part)] for name, part in found.items()])


def condition_lines(result: dict) -> str:
    """How and on what it was measured, in sentences."""
    now, procnote = result["absolute"]["conditions"], result["absolute"].get("procnote", {})
    text = (f"{now['cores']} cores ({now['machine']}), {now['memory_gib']:.0f} GiB of memory, two servers {now['server']} "
            f"on the same machine as the clients; medians of at least {now['rounds']} runs of each side, in turn; "
            f"rowferry with {now['jobs']} {'job' if now['jobs'] == 1 else 'jobs'}.")
    if procnote:
        text += f" `procnote` has {number(procnote['rows'], 0)} rows and {number(procnote['mb'], 0)} MB of text."
    if now["plan"] != "whole":
        text += f" This is a `--{now['plan']}` run: fewer rows and repeats than the whole benchmark has."
    if not now["complete"]:
        text += " The run was ended before all parts were measured."
    if now["busy"]:
        text += (f" **The machine was busy with something else: others used {now['others']:.0%} of its CPU while this was "
                 "measured. Times are longer than on an idle machine; ratios are less sure.**")
    return text


def sections(result: dict) -> list[tuple[str, str]]:
    found = result["absolute"]
    parts = [("Ratios", ratios(result))]
    if "procnote" in found:
        parts.append(("procnote", ways(found["procnote"]["ways"])))
    if "write_ways" in found:
        parts.append(("Ways to write", ways(found["write_ways"])))
    if "jobs" in found:
        parts.append(("Jobs", numbered(found["jobs"], "jobs")))
    if "batches" in found:
        parts.append(("Batch sizes", batches(result)))
    if "batch_mib" in found:
        parts.append(("Bytes of a batch", numbered(found["batch_mib"], "MiB")))
    if "memory" in found:
        memory = {f"{number(part['rows'], 0)} rows": part for part in found["memory"].values()}
        parts.append(("Memory", numbered(memory, "narrow rows")))
    return parts


def as_text(result: dict) -> str:
    """Everything, for the terminal."""
    text = [condition_lines(result)]
    text += [f"{title}\n\n{body}" for title, body in sections(result)]
    notes = result["absolute"]["notes"]
    if notes:
        text.append("\n".join(f"{about}: {sentence}" for about, sentence in notes.items()))
    return "\n" + "\n\n".join(text)
