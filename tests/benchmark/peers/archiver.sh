#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# pt-archiver, which keeps the source's rows and writes by LOAD DATA LOCAL INFILE. As utf8mb4 version 3.2 stops at the first
# character that is not ASCII; as binary it goes on, and writes such characters wrongly.
set -euo pipefail
end() { echo "h=127.0.0.1,P=$1,D=$2,t=$PEER_TABLE,u=$PEER_USER,p=$PEER_PASSWORD,A=binary,L=1"; }
pt-archiver --source "$(end "$PEER_SOURCE_PORT" "$PEER_SOURCE_DATABASE")" \
    --dest "$(end "$PEER_TARGET_PORT" "$PEER_TARGET_DATABASE")" --where 1=1 --no-delete --bulk-insert --no-safe-auto-increment \
    --limit 5000 --commit-each --no-version-check --no-check-columns --no-check-charset
