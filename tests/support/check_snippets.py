#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks that the code in README.md and docs/ is cut from the examples.

A code block behind `<!-- examples/NAME.cpp: LABEL -->` must be the text between the two lines `// [LABEL]` of that file,
without their common indentation. With --write the blocks are filled in.
"""
import pathlib
import re
import sys
import textwrap

root = pathlib.Path(__file__).resolve().parents[2]
block = re.compile(r"(<!-- (examples/[\w./]+): ([\w ]+) -->\n```\w*\n)(.*?)(```\n)", re.S)


def snippet(path: str, label: str) -> str:
    parts = re.split(rf"^ *// \[{re.escape(label)}\]\n", (root / path).read_text(), flags=re.M)
    if len(parts) != 3:
        sys.exit(f"{path} does not have the label [{label}] on two lines")
    return textwrap.dedent(parts[1])


def main() -> None:
    stale = 0
    checked = 0
    for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        text = page.read_text()
        checked += len(block.findall(text))
        fresh = block.sub(lambda m: m[1] + snippet(m[2], m[3]) + m[5], text)
        if fresh != text and sys.argv[1:] == ["--write"]:
            page.write_text(fresh)
        elif fresh != text:
            print(f"{page.relative_to(root)}: a code block differs from its example; run {sys.argv[0]} --write")
            stale += 1
    print(f"{checked} code blocks are cut from the examples, {stale} pages are stale")
    sys.exit(1 if stale or checked == 0 else 0)


main()
