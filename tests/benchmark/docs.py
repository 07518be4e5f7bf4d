#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes the results into docs/performance.md, between its marks, and the plot beside it. Called by run.sh --docs.

    docs.py FILE    FILE is what run.sh has written: build/benchmark.json
"""
import json
import pathlib
import re
import sys

import plot
import table

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"


def between_marks(text: str, name: str, body: str) -> str:
    marks = re.compile(rf"(<!-- benchmark: {re.escape(name)} -->\n).*?(<!-- end -->)", re.S)
    if len(marks.findall(text)) != 1:
        sys.exit(f"docs/performance.md has to have the mark <!-- benchmark: {name} --> once, and <!-- end --> behind it")
    return marks.sub(lambda found: found[1] + body + "\n" + found[2], text)


def main() -> None:
    result = json.loads(pathlib.Path(sys.argv[1]).read_text())
    page = DOCS / "performance.md"
    text = between_marks(page.read_text(), "conditions", table.condition_lines(result))
    parts = dict(table.sections(result))
    for name in ("Ratios", "procnote", "Ways to write", "Jobs", "Batch sizes", "Bytes of a batch", "Memory"):
        text = between_marks(text, name, parts.get(name, "Not measured in this run."))
    notes = result["absolute"]["notes"].items()
    text = between_marks(text, "notes", "\n".join(f"- {about}: {sentence}" for about, sentence in notes) or "None.")
    page.write_text(text)
    (DOCS / "performance.svg").write_text(plot.draw(result))
    print("Written: docs/performance.md, docs/performance.svg")


if __name__ == "__main__":
    main()
