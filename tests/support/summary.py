#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Adds up what ctest wrote with --output-junit: a line for each suite, then the sum. Fails when a test failed.

A Catch2 program counts with its test cases, each other test as one. A file that is missing is a build that failed. A test that
says itself that it cannot run here (SKIP_RETURN_CODE) counts for nothing.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree

ALL_PASSED = re.compile(r"All tests passed \(.* in (\d+) test cases?\)")
SOME_FAILED = re.compile(r"^test cases: +(\d+) \|.*?(\d+) failed", re.MULTILINE)


def count(case):
    """The numbers of tests passed and failed, and the seconds, of one test of ctest."""
    output = case.findtext("system-out") or ""
    seconds = float(case.get("time"))
    if case.get("status") == "run":
        found = ALL_PASSED.search(output)
        return int(found[1]) if found else 1, 0, seconds
    skipped = case.find("skipped")
    if skipped is not None and skipped.get("message", "").startswith("SKIP_"):
        return 0, 0, seconds
    found = SOME_FAILED.search(output)
    failed = max(int(found[2]), 1) if found else 1
    return int(found[1]) - failed if found else 0, failed, seconds


def main(results):
    suites = {}
    for result in map(pathlib.Path, results):
        build = result.parent.name
        cases = xml.etree.ElementTree.parse(result).getroot().iter("testcase") if result.exists() else []
        counts = [(case.get("name").split(".")[0], count(case)) for case in cases]
        for name, counted in counts or [("build", (0, 1, 0.0))]:
            key = f"{name} ({build})"
            suites[key] = [sum(pair) for pair in zip(suites.get(key, (0, 0, 0.0)), counted)]
    print("\nSummary")
    for name, (passed, failed, seconds) in suites.items():
        print(f"  {name:<36} {passed:5} passed {failed:5} failed {seconds:8.1f} s")
    passed, failed = (sum(suite[i] for suite in suites.values()) for i in (0, 1))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
