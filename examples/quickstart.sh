#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Copies a table between two private MariaDB servers while connections are killed and one server crashes.
#
#   examples/quickstart.sh [--rows N] [--keep]
#
#   --rows N   rows of the table procnote: default 561000, about 320 MB of text
#   --keep     leaves the servers running, and says how to reach and to end them
#
# It installs the packages that are missing, builds the tool, and needs about 2 GB in the temporary folder (TMPDIR).
# Servers that run already are not touched. It fails unless enough faults happened and both tables are equal in the end.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/examples/support/packages.sh"
. "$root/examples/support/private_server.sh"

rows=561000
keep=false
while (($#)); do
    case $1 in
        --rows) rows=${2-} && shift $(($# > 1)) ;;
        --keep) keep=true ;;
        --help) sed -n '3,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit ;;
        *) echo "quickstart.sh: unknown option $1; see examples/quickstart.sh --help" >&2 && exit 2 ;;
    esac
    shift
done
if [[ ! $rows =~ ^[1-9][0-9]{3,8}$ ]]; then
    echo "quickstart.sh: --rows takes a number from 1000 on" >&2
    exit 2
fi

work=      # the temporary folder
injector=  # the process that makes the faults

say() { printf '\n== %s\n' "$*"; }
fail() {
    echo "quickstart.sh: $*" >&2
    exit 1
}

# Ends everything that was started here, and nothing else.
clean_up() {
    trap '' INT TERM HUP
    if [[ -n $injector ]]; then
        touch "$work/enough"
        wait "$injector" 2> /dev/null || true
    fi
    [[ -n $work ]] || return 0
    server_kill "$work/source"
    server_kill "$work/target"
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fill_source() {
    server_sql "$work/source" --default-character-set=utf8mb4 clinic << SQL
CREATE TABLE procnote (
    ProcNoteNum BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    PatNum BIGINT NOT NULL,
    ProcNum BIGINT NOT NULL,
    EntryDateTime DATETIME NOT NULL,
    UserNum BIGINT NOT NULL,
    Note TEXT NOT NULL,
    SigIsTopaz TINYINT UNSIGNED NOT NULL,
    Signature TEXT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO procnote
SELECT 3 + seq * 2 + seq DIV 1000 * 17,
       1 + CRC32(seq) % 40000,
       1000 + CRC32(seq * 7) % 900000,
       '2015-01-01' + INTERVAL seq * 600 SECOND,
       1 + seq % 23,
       CONCAT('Patient''s visit no. ', seq, ':\n"',
              ELT(1 + seq % 4, 'C:\\\\notes\\\\', '50 % off', 'naïve – ok', '😀🦷'), '"\t',
              REPEAT('Tooth #14 restored with composite; occlusion checked, patient tolerated it well.\n',
                     1 + CRC32(seq) % 12)),
       seq % 2,
       IF(seq % 5 = 0, NULL, CONCAT('sig\\\\', HEX(CRC32(seq)), ''''))
FROM seq_1_to_$rows;
ALTER TABLE procnote ADD KEY PatNum (PatNum), ADD KEY ProcNum (ProcNum), ADD KEY EntryDateTime (EntryDateTime);
SQL
}

# Kills the tool's connections to one server, by their ids, and notes each.
kill_connections() {
    local id
    for id in $(server_sql "$work/$1" -N -e "SELECT id FROM information_schema.processlist WHERE user = 'ferry'"); do
        if server_sql "$work/$1" -e "KILL $id" 2> /dev/null; then echo "$1" >> "$work/kills"; fi
    done
}
kills_on() { grep -cx "$1" "$work/kills" || true; }
rows_in_target() {
    server_sql "$work/target" warehouse -N -e "SELECT COALESCE(SUM(rows_copied), 0) FROM rowferry_checkpoint" \
        2> /dev/null || echo 0
}

# At each tenth of the rows kills the connections on both sides; half way, the target crashes and starts again.
make_faults() {
    local tenth
    for tenth in 1 2 3 4 5 6 7 8; do
        while (($(rows_in_target) < rows * tenth / 10)); do
            [[ ! -e $work/enough ]] || return 0
            sleep 0.1
        done
        kill_connections source
        kill_connections target
        if ((tenth == 5)); then
            server_kill "$work/target"
            echo crash >> "$work/kills"
            sleep 1
            server_start "$work/target" "$target_port"
        fi
    done
}

copy() {
    ROWFERRY_SOURCE_PASSWORD=ferry ROWFERRY_TARGET_PASSWORD=ferry "$root/build/release/examples/rowferry" copy \
        --source "mysql://ferry@127.0.0.1:$source_port/clinic" \
        --target "mysql://ferry@127.0.0.1:$target_port/warehouse" --table procnote "$@"
}

# All rows in the order of the key, each value apart from the next, and NULL apart from the text NULL.
all_rows() {
    server_sql "$work/$1" --default-character-set=utf8mb4 --quick --batch --skip-column-names \
        -e "SELECT *, Signature IS NULL FROM $2.procnote ORDER BY ProcNoteNum"
}

# Byte by byte, by the mariadb client alone.
compare_tables() {
    local equal=true reader_source reader_target
    for side in source:clinic target:warehouse; do
        local count
        count=$(server_sql "$work/${side%:*}" -N -e "SELECT COUNT(*) FROM ${side#*:}.procnote")
        echo "${side%:*}: $count rows"
        [[ $count == "$rows" ]] || equal=false
    done
    mkfifo "$work/rows.source" "$work/rows.target"
    all_rows source clinic > "$work/rows.source" &
    reader_source=$!
    all_rows target warehouse > "$work/rows.target" &
    reader_target=$!
    cmp "$work/rows.source" "$work/rows.target" || equal=false
    wait "$reader_source" || equal=false
    wait "$reader_target" || equal=false
    $equal
}

say "Building the tool"
# The release preset configures the tests as well, and so needs their packages.
require_packages "${tool_packages[@]}" "${test_packages[@]}" "${server_packages[@]}"
work=$(mktemp -d "${TMPDIR:-/tmp}/rowferry.XXXXXX")
build() { cd "$root" && cmake --preset release && cmake --build --preset release --target rowferry_tool; }
if ! (build) > "$work/build.log" 2>&1; then
    tail -n 40 "$work/build.log" >&2
    fail "the build failed"
fi
echo "build/release/examples/rowferry"

SECONDS=0
say "Starting two private MariaDB servers in $work"
server_init "$work/source"
server_init "$work/target"
source_port=$(free_port)
server_start "$work/source" "$source_port"
target_port=$(free_port)
server_start "$work/target" "$target_port"
echo "source: 127.0.0.1:$source_port, target: 127.0.0.1:$target_port"

say "Filling procnote on the source with $rows rows"
server_sql "$work/source" -e "CREATE DATABASE clinic"
fill_source
server_sql "$work/source" clinic --table -e "SELECT COUNT(*) AS 'rows', MIN(ProcNoteNum) AS 'first id',
    MAX(ProcNoteNum) AS 'last id', ROUND(SUM(LENGTH(Note)) / 1e6) AS 'MB of notes' FROM procnote"
server_sql "$work/target" -e "CREATE DATABASE warehouse"
server_sql "$work/source" clinic -N -r -e "SHOW CREATE TABLE procnote" | cut -f 2- | server_sql "$work/target" warehouse

say "Copying, while connections are killed on both sides and the target crashes"
echo "At most $((rows / 10)) rows/s, in batches of $((rows / 80)), so that the faults find the copy at work."
: > "$work/kills"
make_faults 2> "$work/faults.log" &
injector=$!
status=0
copy --rows-per-second $((rows / 10)) --batch-rows $((rows / 80)) --progress always > "$work/report" || status=$?
touch "$work/enough"
wait "$injector" || { cat "$work/faults.log" >&2 && fail "the faults could not be made"; }
injector=
((status == 0)) || fail "the copy ended with exit code $status"

say "The report"
cat "$work/report"
killed_source=$(kills_on source) killed_target=$(kills_on target) crashes=$(kills_on crash)
echo "Faults made: $killed_source connections killed on the source, $killed_target on the target, and $crashes crash"
((killed_source >= 3 && killed_target >= 3 && crashes == 1)) || fail "too few faults: the copy was too fast"
grep -q '^  retries  *[1-9]' "$work/report" || fail "the faults did not reach the copy"

say "Comparing both tables, byte by byte, by the mariadb client alone"
compare_tables || fail "the tables differ"
echo "equal"

say "The same command again"
copy > "$work/report"
cat "$work/report"
grep -q '^  copied  *0 rows' "$work/report" || fail "the second run should have copied nothing"

say "Done in $SECONDS s, after the build"
if $keep; then
    trap - EXIT
    cat << TEXT
The servers still run. To look at them, and to end them:
  mariadb --no-defaults --user=root --socket=$work/source/socket clinic
  mariadb --no-defaults --user=root --socket=$work/target/socket warehouse
  kill $(cat "$work/source/pid") $(cat "$work/target/pid") && rm -r $work
TEXT
fi
