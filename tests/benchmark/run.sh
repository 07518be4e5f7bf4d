#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Measures rowferry against what one would use instead, on two private MariaDB servers, and prints the table.
#
#   tests/benchmark/run.sh [--quick | --small] [--docs | --only PART] [--out FILE] [--build FOLDER] [--compiler CXX]
#
#   --quick          fewer rows and repeats: under five minutes on two cores
#   --small          a handful of rows, seconds: shows that everything still runs, and measures nothing
#   --docs           also writes the tables and the plot into docs/performance.md and docs/performance.svg
#   --only PART      one part alone: include, engine, growth, peers, policies, jobs, bytes or sizes (of batches)
#   --out FILE       where the results go: default build/benchmark.json (--small: build/benchmark-small.json)
#   --build FOLDER   take the programs from this build tree, and build nothing
#   --compiler CXX   whose front end is timed: default g++
#
# It builds the tool with the release preset and installs what is missing, as root or by sudo: peers too (mydumper,
# mariadb-client, percona-toolkit, SQLAlchemy and PyMySQL) and valgrind, each of which is left out where that cannot be;
# --small installs nothing. It needs about 6 GB in the temporary folder (TMPDIR), 3 GB with --quick. Servers that run already
# are not touched. Exit code 77: --small without a server's programs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/examples/support/packages.sh"
. "$root/examples/support/private_server.sh"

plan=whole
docs=false
out=
build=
compiler=g++
only=
while (($#)); do
    case $1 in
        --quick) plan=quick ;;
        --small) plan=small ;;
        --docs) docs=true ;;
        --out | --build | --compiler | --only)
            [[ -n ${2-} ]] || { echo "run.sh: $1 takes a value" >&2 && exit 2; }
            printf -v "${1#--}" %s "$2" && shift
            ;;
        --help) sed -n '3,19s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit ;;
        *) echo "run.sh: unknown option $1; see tests/benchmark/run.sh --help" >&2 && exit 2 ;;
    esac
    shift
done
if [[ -n $only && ! $only =~ ^(include|engine|growth|peers|policies|jobs|bytes|sizes)$ ]]; then
    echo "run.sh: --only takes one of include, engine, growth, peers, policies, jobs, bytes, sizes, and not $only" >&2 && exit 2
fi
if $docs && [[ -n $only ]]; then
    echo "run.sh: --docs takes the whole run, and --only is a part of one" >&2 && exit 2
fi
[[ -n $out ]] || out=$root/build/benchmark$([[ $plan != small ]] || echo -small).json

out=$(realpath -m -- "$out")
[[ -z $build ]] || build=$(realpath -m -- "$build")

peer_packages=(mydumper mariadb-client percona-toolkit python3-sqlalchemy python3-pymysql valgrind)
work=      # the temporary folder
measuring= # the process that measures

# Ends everything that was started here, and nothing else.
clean_up() {
    trap '' INT TERM HUP
    if [[ -n $measuring ]]; then
        kill -TERM "$measuring" 2> /dev/null || true
        wait "$measuring" 2> /dev/null || true
    fi
    [[ -n $work ]] || return 0
    server_kill "$work/source"
    server_kill "$work/target"
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

install_packages() {
    local package
    require_packages "${tool_packages[@]}" "${test_packages[@]}" "${server_packages[@]}"
    for package in "${peer_packages[@]}"; do
        require_packages "$package" || echo "Going on without $package." >&2
    done
}

build_programs() {
    build=$root/build/release
    echo "== building the tool and the benchmark's programs" >&2
    (cd "$root" && cmake --preset release -DROWFERRY_BUILD_TESTS=ON -DROWFERRY_BUILD_EXAMPLES=ON && cmake --build --preset release --target benchmarks) > "$work/build.log" 2>&1 || {
        tail -n 40 "$work/build.log" >&2
        exit 1
    }
}

# start_server NAME: both with the same settings.
start_server() {
    local pool=1G log=512M
    [[ $plan != small ]] || pool=64M log=64M
    server_start "$work/$1" "$2" --innodb-buffer-pool-size="$pool" --innodb-log-file-size="$log" \
        --innodb-flush-log-at-trx-commit=2 --local-infile=ON
}

if [[ $plan == small ]] && ! command -v mariadbd > /dev/null; then
    echo "There is no mariadbd: nothing can be measured."
    exit 77
fi
[[ $plan == small ]] || install_packages
work=$(mktemp -d "${TMPDIR:-/tmp}/rowferry.XXXXXX")
[[ -n $build ]] || build_programs

echo "== starting two private servers" >&2
server_init "$work/source" & # side by side
initialising=$!
server_init "$work/target"
wait "$initialising"
source_port=$(free_port)
start_server source "$source_port"
target_port=$(free_port)
start_server target "$target_port"

# In the background, so that a signal to this script is answered at once.
python3 "$here/measure.py" --plan "$plan" --build "$build" --folder "$work" --compiler "$compiler" --out "$out" \
    ${only:+--only "$only"} \
    --source "$work/source,$source_port,$(_server_pid "$work/source")" \
    --target "$work/target,$target_port,$(_server_pid "$work/target")" &
measuring=$!
status=0
wait "$measuring" || status=$?
measuring=
echo "Written: ${out#"$root/"}"
! $docs || python3 "$here/docs.py" "$out"
exit "$status"
