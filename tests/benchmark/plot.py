# SPDX-License-Identifier: BSL-1.0
"""Throughput over batch size and over jobs, as an SVG drawn from the results."""
import html
import math

WIDTH, HEIGHT = 960, 400
INK, FAINT = "#24292f", "#d0d7de"
COLOURS = ("#0969da", "#cf222e", "#1a7f37", "#8250df", "#9a6700")


class Panel:
    """One pair of axes. `x` maps a number to 0…1; `top` is the largest value of y."""

    def __init__(self, left: float, width: float, title: str, unit: str, x, top: float):
        self.left, self.width, self.title, self.unit, self.x = left, width, title, unit, x
        self.step = nice_step(top)
        self.top = math.ceil(top * 1.04 / self.step) * self.step
        self.base, self.height = HEIGHT - 62.0, HEIGHT - 132.0
        self.parts: list[str] = []

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.left + 14 + self.x(x) * (self.width - 28), self.base - y / self.top * self.height

    def text(self, x: float, y: float, words: str, anchor: str = "middle", colour: str = INK, size: int = 13,
             turned: bool = False) -> None:
        turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}"{turn}>'
                          f'{html.escape(words)}</text>')

    def line(self, points: list[tuple[float, float]], colour: str, width: float = 2, dashes: str = "") -> None:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>')

    def axes(self, ticks: dict[float, str], below: str) -> None:
        self.text(self.left, 28, self.title, "start", size=15)
        value = 0.0
        while value <= self.top + 1e-9:
            y = self.at(0, value)[1] if value else self.base
            self.line([(self.left, y), (self.left + self.width, y)], FAINT if value else INK, 1)
            self.text(self.left - 8, y + 4, f"{value:g}", "end")
            value += self.step
        for x, label in ticks.items():
            self.text(self.at(x, 0)[0], self.base + 20, label)
        self.text(self.left + self.width / 2, self.base + 44, below)
        self.text(self.left - 44, self.base - self.height / 2, self.unit, turned=True)

    def curve(self, points: dict[float, float], colour: str) -> None:
        places = [self.at(x, y) for x, y in sorted(points.items())]
        self.line(places, colour)
        for x, y in places:
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>')

    def level(self, y: float, colour: str) -> None:
        height = self.base - y / self.top * self.height
        self.line([(self.left, height), (self.left + self.width, height)], colour, 1.5, "6 4")

    def legend(self, names: list[tuple[str, str]]) -> None:
        x = self.left
        for name, colour in names:
            self.parts.append(f'<rect x="{x:.1f}" y="42" width="12" height="12" fill="{colour}"/>')
            self.text(x + 17, 53, name, "start")
            x += 34 + 7.2 * len(name)


def nice_step(top: float) -> float:
    """1, 2 or 5 times a power of ten, so that there are about five lines."""
    rough = max(top, 1e-9) / 5
    power = 10 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def batch_panel(batches: dict, left: float, width: float) -> Panel:
    """A curve for each kind of rows, and a dashed line where the adaptive batch is; of the best fixed size, since wide rows
    move ten times the bytes that narrow ones do."""
    sizes = [int(size) for size in next(iter(batches.values()))["sizes"] if size != "adaptive"]
    low, high = math.log(min(sizes)), math.log(max(sizes))
    curves = {name: {size: found["mb_per_second"] for size, found in part["sizes"].items()} for name, part in batches.items()}
    for speeds in curves.values():
        best = max(speed for size, speed in speeds.items() if size != "adaptive")
        speeds.update({size: 100 * speed / best for size, speed in speeds.items()})
    panel = Panel(left, width, "Throughput over rows of a batch (dashed: adaptive)", "% of the best fixed size",
                  lambda x: (math.log(x) - low) / (high - low) if x > 0 else 0.0,
                  max(max(speeds.values()) for speeds in curves.values()))
    panel.axes({size: f"{size:,}".replace(",", " ") for size in sizes}, "rows of a batch, one job")
    for colour, speeds in zip(COLOURS, curves.values()):
        panel.level(speeds.pop("adaptive"), colour)
        panel.curve({int(size): speed for size, speed in speeds.items()}, colour)
    panel.legend(list(zip([f"{name} rows" for name in batches], COLOURS)))
    return panel


def jobs_panel(jobs: dict, levels: list[tuple[str, float]], left: float, width: float) -> Panel:
    """The tool with each number of jobs, and peers as dashed lines."""
    numbers = [int(number) for number in jobs]
    top = max([found["mb_per_second"] for found in jobs.values()] + [speed for _, speed in levels])
    span = max(max(numbers) - min(numbers), 1)
    panel = Panel(left, width, "Throughput of procnote over jobs (dashed: peers)", "MB/s",
                  lambda x: (x - min(numbers)) / span if x else 0.0, top)
    panel.axes({number: str(number) for number in numbers}, "jobs")
    panel.curve({int(number): found["mb_per_second"] for number, found in jobs.items()}, COLOURS[0])
    for colour, (_, speed) in zip(COLOURS[1:], levels):
        panel.level(speed, colour)
    panel.legend([("rowferry", COLOURS[0]), *((name, colour) for colour, (name, _) in zip(COLOURS[1:], levels))])
    return panel


def draw(result: dict) -> str:
    """The SVG. A part that was not measured leaves its panel out; a tool without jobs is one point."""
    found = result["absolute"]
    panels = []
    if "batches" in found:
        panels.append(batch_panel(found["batches"], 70, 380))
    ways = found.get("procnote", {}).get("ways", {})
    if "rowferry" in ways:
        names = {"insert_select": "INSERT … SELECT", "mydumper": "mydumper", "dump": "dump"}
        levels = [(name, ways[way]["mb_per_second"]) for way, name in names.items() if way in ways]
        jobs = found.get("jobs") or {str(found["conditions"]["jobs"]): ways["rowferry"]}
        panels.append(jobs_panel(jobs, levels, 540, 400))
    if not panels:
        panels.append(Panel(40, 400, "", "", lambda x: x, 1))
        panels[0].text(WIDTH / 2, HEIGHT / 2, "The run did not come as far as this.")
    body = "\n".join(part for panel in panels for part in panel.parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
            f'font-family="sans-serif">\n<!-- SPDX-License-Identifier: BSL-1.0; drawn by tests/benchmark/plot.py -->\n'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n{body}\n</svg>\n')
