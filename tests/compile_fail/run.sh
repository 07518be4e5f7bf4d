#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Checks the cases of this folder, and the example with a mistake, with one compiler and its own defaults.
#
#   run.sh [--case FILE] COMPILER [FLAG...]     for example: run.sh clang++ -Iinclude
#
# A case NAME.cpp compiles as it stands. With ROWFERRY_BROKEN defined it does not: the first error is the sentence that the
# file gives after "// expected: ", and the whole message has fewer than 20 lines.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cases=("$here"/*.cpp "$here"/../../examples/03_a_mistake.cpp)
if [[ ${1-} == --case ]]; then
    cases=("$2")
    shift 2
fi
compile=("${1:?run.sh [--case FILE] COMPILER [FLAG...]}" -std=c++20 -fsyntax-only "${@:2}")

# Says what is wrong with a case; says nothing when all is well.
complaint() {
    local file=$1 expected output first
    [[ -f $file ]] || { echo "there is no such case"; return; }
    expected=$(sed -n 's|^// expected: ||p' "$file")
    [[ -n $expected ]] || { echo 'it has no line "// expected: ..."'; return; }
    output=$("${compile[@]}" "$file" 2>&1) || { printf 'the control does not compile:\n%s\n' "$output"; return; }
    output=$("${compile[@]}" -DROWFERRY_BROKEN "$file" 2>&1) && { echo "the broken case compiles"; return; }
    first=$(grep -m1 'error:' <<< "$output") || true
    [[ $first == *"$expected"* ]] || printf 'the first error is not "%s":\n%s\n' "$expected" "$output"
    (($(wc -l <<< "$output") < 20)) || printf 'the message has 20 lines or more:\n%s\n' "$output"
}

failed=0
for file in "${cases[@]}"; do
    problem=$(complaint "$file")
    [[ -z $problem ]] || failed=$((failed + 1))
    printf '%s %s: %s\n' "$(basename "$1")" "$(basename "$file" .cpp)" "${problem:-ok}"
done
exit $((failed > 0))
