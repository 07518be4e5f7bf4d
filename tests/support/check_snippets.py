#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks that the code in README.md and docs/ is cut from the examples, and errors from the headers.

A code block behind `<!-- examples/NAME.cpp: LABEL -->` must be the text between the two lines `// [LABEL]` of that file,
without their common indentation. One behind `<!-- include/FILE: static_assert(CONDITION) -->` must be what a compiler says
when that assertion of the header fails. With --write the blocks are filled in.
"""
import pathlib
import re
import sys
import textwrap

root = pathlib.Path(__file__).resolve().parents[2]
block = re.compile(r"(<!-- (examples/[\w./]+): ([\w ]+) -->\n```\w*\n)(.*?)(```\n)", re.S)
message = re.compile(r"(<!-- (include/[\w./]+): static_assert\((.+)\) -->\n```\w*\n)(.*?)(```\n)", re.S)


def error_text(path: str, condition: str) -> str:
    assertion = re.compile(rf"static_assert\(\s*{re.escape(condition)},\s*((?:\"[^\"\\]*\"\s*)+)\);")
    found = assertion.findall((root / path).read_text())
    if len(found) != 1:
        sys.exit(f"{path} has {len(found)} static_assert({condition}) with a plain text, and must have one")
    text = "".join(re.findall(r"\"([^\"]*)\"", found[0]))
    lines = textwrap.wrap(f"error: static assertion failed: {text}", 132, break_on_hyphens=False)
    return "\n".join(lines) + "\n"


def snippet(path: str, label: str) -> str:
    parts = re.split(rf"^ *// \[{re.escape(label)}\]\n", (root / path).read_text(), flags=re.M)
    if len(parts) != 3:
        sys.exit(f"{path} does not have the label [{label}] on two lines")
    return textwrap.dedent(parts[1])


def main() -> None:
    stale = 0
    checked = 0
    messages = 0
    for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        text = page.read_text()
        checked += len(block.findall(text))
        messages += len(message.findall(text))
        fresh = block.sub(lambda m: m[1] + snippet(m[2], m[3]) + m[5], text)
        fresh = message.sub(lambda m: m[1] + error_text(m[2], m[3]) + m[5], fresh)
        if fresh != text and sys.argv[1:] == ["--write"]:
            page.write_text(fresh)
        elif fresh != text:
            print(f"{page.relative_to(root)}: a code block differs from its source; run {sys.argv[0]} --write")
            stale += 1
    print(f"{checked} code blocks are cut from the examples and {messages} from headers, {stale} pages are stale")
    sys.exit(1 if stale or checked == 0 or messages == 0 else 0)


main()
