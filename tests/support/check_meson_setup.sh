#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Fails when the meson files cannot be configured, or meson warns about them; exit code 77 when there is no meson. What a
# newer meson thinks of the CMake files of a dependency is no warning about ours.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! command -v meson > /dev/null; then
    echo "meson is not installed: its files are not checked"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
meson setup "$folder/build" --fatal-meson-warnings 2>&1 | tee "$folder/output"
if grep -E '(WARNING|DEPRECATION):' "$folder/output" | grep -v 'Unknown generator expression'; then
    echo "meson warns"
    exit 1
fi
