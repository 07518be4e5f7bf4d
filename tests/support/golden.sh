#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# golden.sh EXPECTED PROGRAM: runs the program; its standard output must be the file EXPECTED, byte for byte.
set -euo pipefail
output=$(mktemp)
trap 'rm -f "$output"' EXIT
"$2" > "$output"
diff -u "$1" "$output"
