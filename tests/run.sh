#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Builds and runs every test, those with real servers included, and installs the packages that are missing.
#
#   tests/run.sh            everything: the release build with all suites, by the default compiler; the unit tests with sanitizers
#                           only, by clang; the hostile ones in both builds
#   tests/run.sh --quick    the unit and property tests, the checks at compile time, of the docs and of the meson files, and the
#                           broken code that must not compile
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. examples/support/packages.sh

quick=false
case ${1-} in
    '') ;;
    --quick) quick=true ;;
    --help) sed -n '3,9s/^# \{0,1\}//p' tests/run.sh && exit ;;
    *) echo "tests/run.sh: unknown option $1; see tests/run.sh --help" >&2 && exit 2 ;;
esac

results=()

# stage PRESET CTEST_FILTER TARGET...: builds the targets and runs the tests; what fails shows in the results.
stage() {
    local preset=$1 filter=$2 result=$PWD/build/$1/results.xml
    rm -f "$result"
    results+=("$result")
    echo "== $preset: build"
    local log=build/$preset.log
    if cmake --preset "$preset" -DROWFERRY_JOIN_TESTS=8 > "$log" 2>&1 || { cat "$log" && false; }; then
        cmake --build --preset "$preset" --parallel "$(nproc)" --target "${@:3}" || return 0
        echo "== $preset: tests"
        ctest --preset "$preset" --parallel "$(nproc)" --no-tests=error --output-junit "$result" \
            --test-output-truncation head $filter || return 0
    fi
}

require_packages "${tool_packages[@]}" "${test_packages[@]}" clang 'libclang-rt-14-dev|libclang-rt-19-dev|libclang-rt-dev'
mkdir -p build
if $quick; then
    stage release "--label-regex unit|property|static|compile_fail" unit_tests unit_tests_single property_tests static_tests header_checks \
        header_checks_mysql header_checks_single header_orders
else
    require_packages "${server_packages[@]}"
    # Neither build of the unit tests is optimised: sanitizers are the difference (and NDEBUG, which nothing here looks at).
    stage release "--exclude-regex ^unit_tests$" all_but_unit_tests
    stage asan "--tests-regex ^(unit|hostile)_tests$" unit_tests hostile_tests
    stage tsan "--tests-regex ^thread_tests$" thread_tests
fi
python3 tests/support/summary.py "${results[@]}"
