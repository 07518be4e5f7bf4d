#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Fails unless each header of ours says in one error, and nothing else, that a mode before C++20 is too old.
#
#   check_old_modes.sh COMPILER...
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Says what is wrong with a header; says nothing when all is well.
complaint() {
    local output
    output=$("$1" -std=c++17 -fsyntax-only -I"$2" -x c++ - <<< "#include <$3>" 2>&1) && { echo "it compiles" && return; }
    [[ $(grep -c 'error:' <<< "$output") == 1 && $output == *"error: "*"rowferry needs C++20: compile with -std=c++20"* &&
        $(wc -l <<< "$output") -lt 20 ]] || printf 'this is not one error about C++20:\n%s\n' "$output"
}

checked=0 failed=0
for compiler; do
    for folder in include single_include; do
        while read -r header; do
            checked=$((checked + 1))
            problem=$(complaint "$compiler" "$folder" "$header")
            [[ -z $problem ]] || { failed=$((failed + 1)) && echo "$compiler $folder/$header: $problem" | head -n 30; }
        done < <(cd "$folder" && find rowferry -name '*.hpp' | sort)
    done
done
echo "$checked headers checked, $failed wrong"
exit $((failed > 0))
