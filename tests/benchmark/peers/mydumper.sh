#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# mydumper into files, then myloader from them: two threads each, rows only, chunks so that both threads have work.
set -euo pipefail
dump=$(mktemp -d "$PEER_FOLDER/mydumper.XXXXXX")
trap 'rm -rf "$dump"' EXIT
mydumper --host 127.0.0.1 --port "$PEER_SOURCE_PORT" --user "$PEER_USER" --password "$PEER_PASSWORD" \
    --database "$PEER_SOURCE_DATABASE" --regex "^$PEER_SOURCE_DATABASE[.]$PEER_TABLE\$" --no-schemas \
    --trx-consistency-only --rows 50000 --threads 2 --outputdir "$dump"
myloader --host 127.0.0.1 --port "$PEER_TARGET_PORT" --user "$PEER_USER" --password "$PEER_PASSWORD" \
    --database "$PEER_TARGET_DATABASE" --threads 2 --directory "$dump"
