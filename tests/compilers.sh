#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Builds everything (tests, header checks, examples, the tool) with each compiler, any warning being an error, and runs the
# tests that need no server. Goes on after a failure; ends with a table. Fails when a compiler failed, when one that was
# named is not installed, and when none is.
#
#   tests/compilers.sh [--install] [COMPILER...]     --install: installs the packages first, also those of the compilers
#
# A compiler's tree is build/compilers/COMPILER, and its log is build/compilers/COMPILER.log.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. examples/support/packages.sh

all=(g++-12 g++-13 g++-14 clang++-14 clang++-15 clang++-16 clang++-17 clang++-18 clang++-19)
install=false
if [[ ${1-} == --install ]]; then
    install=true
    shift
fi
if [[ ${1-} == -* ]]; then
    sed -n '3,9s/^# \{0,1\}//p' "$0"
    exit 2
fi
named=false
if (($#)); then
    named=true
    all=("$@")
fi

if $install; then
    wanted=()
    for compiler in "${all[@]}"; do
        package=${compiler/clang++/clang}
        [[ -z $(_candidate_version "$package") ]] || wanted+=("$package")
    done
    require_packages "${tool_packages[@]}" "${test_packages[@]}" "${wanted[@]}"
fi

# try COMPILER: builds all that it can, also after an error, and then tests.
try() {
    local tree=build/compilers/$1
    cmake -S . -B "$tree" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER="$1" \
        -DCMAKE_COMPILE_WARNING_AS_ERROR=ON || return
    cmake --build "$tree" --parallel "$(nproc)" -- -k 0 || return
    ctest --test-dir "$tree" --output-on-failure --label-regex '^(unit|static|compile_fail|examples)$'
}

mkdir -p build/compilers
table=('compiler|version|result|time')
tried=0
failed=0
for compiler in "${all[@]}"; do
    if ! command -v "$compiler" > /dev/null; then
        table+=("$compiler|-|not installed|-")
        if $named; then failed=1; fi
        continue
    fi
    tried=$((tried + 1))
    echo "== $compiler"
    log=build/compilers/$compiler.log
    start=$SECONDS
    if try "$compiler" > "$log" 2>&1; then
        outcome=ok
    else
        outcome="FAILED, see $log"
        failed=1
    fi
    # ninja repeats nothing, so that each of these lines is a finding of its own.
    grep -E 'warning:|error:|Error at|\*\*\*(Failed|Timeout|Exception)' "$log" | sort -u | head -n 10 || true
    table+=("$compiler|$("$compiler" -dumpversion)|$outcome|$((SECONDS - start)) s")
done
echo
printf '%s\n' "${table[@]}" | column -t -s '|'
((tried > 0)) || failed=1
exit $failed
