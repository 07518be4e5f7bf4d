#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Checks the cases of this folder, and the example with a mistake, with one compiler and its own defaults.
#
#   run.sh [--case FILE] [--precompiled FOLDER] COMPILER [FLAG...]     for example: run.sh clang++ -Iinclude
#   run.sh --precompile FOLDER COMPILER [FLAG...]
#
# --precompile leaves rowferry's headers there in the compiler's own form, with which --precompiled takes a quarter of the time.
#
# A case NAME.cpp compiles as it stands. With ROWFERRY_BROKEN defined it does not: the first error is the sentence that the
# file gives after "// expected: ", and the whole message has fewer than 20 lines.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cases=("$here"/*.cpp "$here"/../../examples/03_a_mistake.cpp)
precompile=
precompiled=/none
while [[ ${1-} == --* ]]; do
    case $1 in
        --case) cases=("$2") ;;
        --precompile) precompile=$2 ;;
        --precompiled) precompiled=$2 ;;
        *) echo "run.sh: unknown option $1" >&2 && exit 2 ;;
    esac
    shift 2
done
compiler=${1:?run.sh [--case FILE] COMPILER [FLAG...]}
compile=("$compiler" -std=c++20 -fsyntax-only "${@:2}")
# g++ finds headers.hpp.gch beside headers.hpp; clang++ is told.
is_clang=false
[[ $("$compiler" --version) != *clang* ]] || is_clang=true
if [[ -n $precompile ]]; then
    mkdir -p "$precompile"
    printf '#include <rowferry/rowferry.hpp>\n#include <rowferry/testing.hpp>\n' > "$precompile/headers.hpp"
    exec "$compiler" -std=c++20 "${@:2}" -x c++-header "$precompile/headers.hpp" -o "$precompile/headers.hpp.gch"
fi
if [[ $precompiled != /none ]]; then
    if $is_clang; then
        compile+=(-include-pch "$precompiled/headers.hpp.gch")
    else
        compile+=(-include "$precompiled/headers.hpp")
    fi
fi

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
    # One line more tells that clang's headers came from the precompiled one, which no user has.
    (($(grep -vcF "$precompiled/headers.hpp" <<< "$output") < 20)) || printf 'the message has 20 lines or more:\n%s\n' "$output"
}

failed=0
for file in "${cases[@]}"; do
    problem=$(complaint "$file")
    [[ -z $problem ]] || failed=$((failed + 1))
    printf '%s %s: %s\n' "$(basename "$1")" "$(basename "$file" .cpp)" "${problem:-ok}"
done
exit $((failed > 0))
