#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Fails when a list of sources in a meson.build, or its version, is not what the folders and CMake say.
#   check_meson_lists.sh [--fix]     --fix writes the lists anew
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mode=${1-}
failed=0

# check LIST FOLDER PATTERN...: the list `LIST = files(...)` in FOLDER/meson.build names what matches a PATTERN.
check() {
    local list=$1 folder=$2 build=$2/meson.build pattern fresh
    fresh=$(mktemp)
    (cd "$folder" && for pattern in "${@:3}"; do compgen -G "$pattern"; done | sort) | awk -v list="$list" '
        NR == FNR { entries = entries "  \047" $0 "\047,\n"; next }
        $0 == list " = files(" { print; printf "%s", entries; skip = 1; next }
        $0 == ")" { skip = 0 }
        !skip' - "$build" > "$fresh"
    if ! cmp -s "$build" "$fresh"; then
        if [[ $mode == --fix ]]; then
            cat "$fresh" > "$build"
        else
            echo "$build: $list is not current; run tests/support/check_meson_lists.sh --fix"
            diff "$build" "$fresh" || true
            failed=1
        fi
    fi
    rm "$fresh"
}

check example_sources examples '[0-9][0-9]_*.cpp'
check tool_sources examples 'tool/*.cpp'
check unit_sources tests 'unit/*.cpp' 'contract/on_the_double_test.cpp'
check static_sources tests 'static/*.cpp'
check property_sources tests 'property/*.cpp'
check contract_sources tests 'contract/*.cpp'

meson_version=$(sed -n "s/^project(.*version: '\([0-9.]*\)', license.*/\1/p" meson.build)
grep -q "^project(rowferry VERSION $meson_version " CMakeLists.txt || {
    echo "meson.build has version $meson_version, CMakeLists.txt another"
    failed=1
}
exit $failed
