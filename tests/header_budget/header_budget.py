#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Compares what the headers cost a compiler with a committed baseline, in counts; seconds are reported only.

    header_budget.py [--update] [COMPILER [FLAG...]]     for example: header_budget.py g++ -I/opt/mysql/include

Of each entry header, and of two programs that use it:

  our lines       of code that the preprocessor takes from include/rowferry, without comments and blank lines. They depend on
                  no compiler, so every compiler checks them.
  all lines       after preprocessing, with those of the standard library and of others
  instantiations  templates that the front end has made specializations of: g++ counts them with -fstats (classes and
                  functions), clang with -Xclang -print-stats (classes and variables). The same source gives the same number each time, whatever the machine does;
                  and it is what a header's cost comes from, more than its lines.

The last two depend on the compiler's version and on those of the libraries. The baseline keeps them for each environment that
it was made in; in another one they are not compared, and the exit code is 77. A count may be 2 % above its baseline;
one that fell by more is to be written down too, or the next rise would go unseen. --update writes the baseline.
"""
import json
import pathlib
import re
import resource
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include"
BASELINE = pathlib.Path(__file__).with_name("baseline.json")
TOLERANCE = 0.02
ENTRIES = ["rowferry/rowferry.hpp", "rowferry/mysql.hpp", "rowferry/record.hpp", "rowferry/ranges.hpp",
           "rowferry/testing.hpp"]
PROGRAMS = ["examples/01_first_copy.cpp", "examples/02_on_the_double.cpp"]
UPDATE = "tests/header_budget/header_budget.py --update"
VERSIONS = """#include <boost/version.hpp>
#include <fmt/core.h>
#include <range/v3/version.hpp>
#include <mysql.h>
#include <cstddef>
VERSIONS BOOST_VERSION FMT_VERSION RANGE_V3_MAJOR RANGE_V3_MINOR RANGE_V3_PATCHLEVEL MARIADB_PACKAGE_VERSION_ID LIBMYSQL_VERSION_ID __GLIBCXX__
"""


def client_flags() -> list[str]:
    """Where <mysql.h> is, by pkg-config."""
    for name in ("mysqlclient", "libmariadb"):
        try:
            found = subprocess.run(["pkg-config", "--cflags", name], capture_output=True, text=True)
        except FileNotFoundError:
            break
        if found.returncode == 0:
            return found.stdout.split()
    return []


class Compiler:
    def __init__(self, command: str, flags: list[str]):
        self.command = [command, "-std=c++20", f"-I{INCLUDE}", *flags]
        self.is_clang = "clang" in self.run(["--version"], "").stdout

    def run(self, options: list[str], source: str) -> subprocess.CompletedProcess:
        done = subprocess.run([*self.command, *options, "-x", "c++", "-"], input=source, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{self.command[0]} does not compile this:\n{source}\n{done.stderr[:2000]}")
        return done

    def environment(self) -> str:
        """The versions that the counts depend on."""
        macros = "__clang_major__ __clang_minor__ __clang_patchlevel__" if self.is_clang else \
            "__GNUC__ __GNUC_MINOR__ __GNUC_PATCHLEVEL__"
        lines = self.run(["-E", "-P"], VERSIONS.replace("VERSIONS", "VERSIONS " + macros)).stdout.splitlines()
        found = next(line for line in reversed(lines) if line.startswith("VERSIONS")).split()[1:]
        boost, fmt, ranges, client, library = found[3], found[4], ".".join(found[5:8]), found[8:10], found[10]
        client_number = next((number for number in client if number.isdigit()), "none")
        return (f"{'clang++' if self.is_clang else 'g++'} {'.'.join(found[:3])}, libstdc++ {library}, Boost {boost}, fmt {fmt}, "
                f"range-v3 {ranges}, libmysqlclient {client_number}")

    def all_lines(self, source: str) -> int:
        return len(self.run(["-E", "-P"], source).stdout.splitlines())

    def our_lines(self, source: str) -> int:
        """Lines that are not blank, by the line markers' file names."""
        count, ours = 0, False
        for line in self.run(["-E"], source).stdout.splitlines():
            marker = re.match(r'# \d+ "([^"]*)"', line)
            if marker:
                ours = marker[1].startswith(str(INCLUDE))
            elif ours and line.strip() and not line.startswith("#"):
                count += 1
        return count

    def instantiations(self, source: str) -> tuple[int, float]:
        """How many, and the seconds of CPU that the front end took."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        stats = ["-Xclang", "-print-stats"] if self.is_clang else ["-fstats"]
        said = self.run(["-fsyntax-only", *stats], source).stderr
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        counted = re.findall(r"(\d+) (?:Class|Var)TemplateSpecialization decls" if self.is_clang else
                             r"(?:decl|type)_specializations: size \d+, (\d+) elements", said)
        if not counted:
            sys.exit(f"{self.command[0]} does not say how many templates it instantiated:\n{said[-2000:]}")
        return sum(map(int, counted)), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    arguments = sys.argv[1:]
    update = arguments[:1] == ["--update"]
    arguments = arguments[1:] if update else arguments
    compiler = Compiler(arguments[0] if arguments else "g++", arguments[1:] or client_flags())
    sources = {entry: f"#include <{entry}>\n" for entry in ENTRIES}
    sources.update({program: (ROOT / program).read_text() for program in PROGRAMS})

    ours = {name: compiler.our_lines(source) for name, source in sources.items()}
    environment, counts = compiler.environment(), {}
    for name, source in sources.items():
        made, seconds = compiler.instantiations(source)
        counts[name] = {"all_lines": compiler.all_lines(source), "instantiations": made}
        print(f"{name}: {ours[name]} lines of ours, {counts[name]['all_lines']} in all, {made} instantiations, {seconds:.2f} s")

    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {"our_lines": {}, "environments": {}}
    if update:
        baseline["our_lines"] = ours
        baseline["environments"][environment] = counts
        BASELINE.write_text(json.dumps(baseline, indent=1) + "\n")
        print(f"Written: the baseline, for {environment}")
        return 0
    problems = [problem for name in sources for problem in
                compared(name, "lines of ours", ours[name], baseline["our_lines"].get(name))]
    known = baseline["environments"].get(environment)
    for name in sources if known else ():
        for what in ("all_lines", "instantiations"):
            problems += compared(name, what.replace("all_lines", "lines in all"), counts[name][what],
                                 known.get(name, {}).get(what))
    for problem in problems:
        print(problem)
    if problems:
        print(f"If that is as it should be, run {UPDATE} with the baseline's compiler, and commit the baseline.")
        return 1
    if known is None:
        print(f"Only our lines were compared: the baseline was not made with {environment}")
        return 77
    return 0


def compared(name: str, what: str, count: int, wanted: int | None) -> list[str]:
    if wanted is not None and abs(count - wanted) <= wanted * TOLERANCE:
        return []
    change = f"{(count - wanted) / wanted:+.1%} against the baseline's {wanted}" if wanted else "not in the baseline"
    return [f"{name}: {count} {what}, {change}"]


if __name__ == "__main__":
    sys.exit(main())
