#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# mariadb-dump piped into mariadb: rows only.
set -euo pipefail
export MYSQL_PWD=$PEER_PASSWORD
mariadb-dump --no-defaults --host=127.0.0.1 --port="$PEER_SOURCE_PORT" --user="$PEER_USER" --single-transaction \
    --no-create-info --skip-triggers "$PEER_SOURCE_DATABASE" "$PEER_TABLE" |
    mariadb --no-defaults --host=127.0.0.1 --port="$PEER_TARGET_PORT" --user="$PEER_USER" "$PEER_TARGET_DATABASE"
