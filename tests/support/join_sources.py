#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes one source from several, so that what they have in common is compiled once: all their includes first, then
each file in a namespace of its own.

    join_sources.py OUT SOURCE...

A source that includes under a condition, or that adds to a named namespace, cannot be joined: that is an error."""
import pathlib
import re
import sys


def parts(source):
    """The includes of a source, and its other lines with a blank one in the place of each include."""
    includes, rest, conditions = [], [], 0
    for line in source.read_text(encoding="utf-8").splitlines():
        conditions += line.startswith("#if") - line.startswith("#endif")
        is_include = line.startswith("#include ")
        if is_include and conditions or re.match(r"namespace [a-z:0-9_]+ \{|template <>", line):
            sys.exit(f"join_sources.py: {source} cannot be joined: {line}")
        if is_include:
            beside = source.parent / line.split('"')[1] if '"' in line else None
            includes.append(f'#include "{beside}"' if beside and beside.exists() else line)
        rest.append("" if is_include else line)
    return includes, rest


def main():
    out, sources = pathlib.Path(sys.argv[1]), [pathlib.Path(each).resolve() for each in sys.argv[2:]]
    includes, bodies = {}, []
    for source in sources:
        own, rest = parts(source)
        for line in own:
            includes[line] = None
        bodies += [f"namespace of_{source.stem} {{", f'#line 1 "{source}"', *rest, "}"]
    out.parent.mkdir(exist_ok=True)
    out.write_text("\n".join([*includes, *bodies, ""]), encoding="utf-8")


main()
