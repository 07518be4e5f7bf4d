#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Builds everything with the newest g++ and libraries of Debian sid, against both client libraries, and runs every suite
# with MariaDB 10.11 and MySQL as source and as target, in all four combinations. Ends with a table; fails when a part failed.
#
#   tests/matrix.sh [--roots FOLDER] [--client libmariadb|mysqlclient]... [--pair SOURCE,TARGET]... [--quick] [FILTER...]
#
#   --roots FOLDER   where the Debian roots are made, or found from an earlier run: default build/matrix/roots
#   --client NAME    only this client library: libmariadb (MariaDB Connector/C) or mysqlclient (Oracle's)
#   --pair A,B       only this source and target, each mariadb or mysql
#   --quick          builds and runs only the suites that need servers, without optimisation
#   FILTER           Catch2's filters of the integration tests to run, as "[client]" or "[#store_test]", a file's name
#
# It needs root, debootstrap, the network at its first run, and about 3 GB. Both roots and the build trees under
# build/matrix stay, so that the next run only builds what changed. Mounts and servers live in namespaces of this run's own
# and are gone with it, however it ends; nothing else of the system is touched.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source_dir=$PWD

sid_packages=(g++ cmake ninja-build ccache pkgconf libboost-dev libfmt-dev librange-v3-dev libcli11-dev nlohmann-json3-dev
    catch2 meson python3 openssl mysql-server-core mysql-client-core)
# The clients are for the fidelity suite; MariaDB's also has what installing MariaDB takes (my_print_defaults).
bookworm_packages=(mariadb-server-core mariadb-client-core)

fail() {
    echo "tests/matrix.sh: $*" >&2
    exit 1
}

work=$source_dir/build/matrix
roots=$work/roots
clients=()
pairs=()
filters=()
quick=false
arguments=("$@")
while (($#)); do
    case $1 in
        --roots) roots=$(realpath -m -- "${2:?--roots takes a folder}") && shift ;;
        --client)
            [[ ${2-} =~ ^(libmariadb|mysqlclient)$ ]] || fail "--client takes libmariadb or mysqlclient"
            clients+=("$2") && shift
            ;;
        --pair)
            [[ ${2-} =~ ^(mariadb|mysql),(mariadb|mysql)$ ]] || fail "--pair takes a source and a target, as mariadb,mysql"
            pairs+=("$2") && shift
            ;;
        --quick) quick=true ;;
        --help) sed -n '3,17s/^# \{0,1\}//p' "tests/matrix.sh" && exit ;;
        -*) echo "tests/matrix.sh: unknown option $1; see tests/matrix.sh --help" >&2 && exit 2 ;;
        *) filters+=("$1") ;;
    esac
    shift
done
((${#clients[@]})) || clients=(libmariadb mysqlclient)
((${#pairs[@]})) || pairs=(mariadb,mariadb mariadb,mysql mysql,mariadb mysql,mysql)

((EUID == 0)) || fail "only root may make and enter the Debian roots: run it as root"
for program in debootstrap unshare setpriv chroot; do
    command -v "$program" > /dev/null || fail "$program is not installed: install the package debootstrap (and util-linux)"
done

# Everything below runs in mount and process namespaces of its own. All that is in them ends with their first process,
# which ends with this one.
if [[ ${ROWFERRY_MATRIX_INSIDE-} != yes ]]; then
    mkdir -p "$work" "$roots"
    namespaces=(unshare --mount --propagation private --pid --fork --kill-child --mount-proc)
    "${namespaces[@]}" true ||
        fail "no namespaces of its own are allowed here: run it outside of a container, or in a privileged one"
    ROWFERRY_MATRIX_INSIDE=yes setpriv --pdeathsig KILL "${namespaces[@]}" "$BASH" tests/matrix.sh "${arguments[@]}" &
    inside=$!
    stop() {
        kill -KILL "$inside" 2> /dev/null || true
        wait "$inside" 2> /dev/null || true
        exit "$1"
    }
    trap 'stop 130' INT
    trap 'stop 143' TERM HUP
    status=0
    wait "$inside" || status=$?
    exit "$status"
fi

# --- The roots: made once, then kept ---

# in_root FOLDER COMMAND...: with nothing of the caller's environment but a proxy.
in_root() {
    local root=$1
    shift
    chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        TMPDIR=/tmp DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} \
        ${https_proxy:+https_proxy="$https_proxy"} "$@"
}

# prepare_root SUITE PACKAGE...: a root of that Debian suite with these packages. /tmp is in memory: it holds the servers'
# data.
prepare_root() {
    local suite=$1 root=$roots/$1 log=$work/$1.log wanted
    shift
    wanted=$*
    if [[ ! -e $root/etc/rowferry-packages ]]; then
        echo "== making the root of Debian $suite in $root (log: $log)"
        rm -rf --one-file-system "$root"
        debootstrap --variant=minbase "$suite" "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" > "$log" 2>&1 ||
            fail "debootstrap cannot make the root of Debian $suite: see $log; is the network there?"
        # No package may start a server.
        printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
        chmod +x "$root/usr/sbin/policy-rc.d"
        echo > "$root/etc/rowferry-packages" # the root itself is whole
    fi
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    if [[ $(cat "$root/etc/rowferry-packages" 2> /dev/null) != "$wanted" ]]; then
        echo "== installing packages into $root (log: $log)"
        cp -L /etc/resolv.conf "$root/etc/resolv.conf"
        {
            # A mirror that was frozen some time ago is as good for this.
            in_root "$root" apt-get update -q -o Acquire::Check-Valid-Until=false &&
                in_root "$root" apt-get install -q -y --no-install-recommends "$@"
        } >> "$log" 2>&1 || fail "packages cannot be installed into $root: see $log"
        echo "$wanted" > "$root/etc/rowferry-packages"
    fi
    mount -t tmpfs -o size=75%,mode=1777 tmpfs "$root/tmp"
}

prepare_root sid "${sid_packages[@]}"
prepare_root bookworm "${bookworm_packages[@]}"
sid=$roots/sid

# MariaDB 10.11 listens on the same loopback, and has the same /tmp.
mount --bind "$sid/tmp" "$roots/bookworm/tmp"
mkdir -p "$sid/mnt/bookworm" "$sid/mnt/rowferry" "$sid/mnt/build" "$sid/opt/mariadb-10.11"
mount --rbind "$roots/bookworm" "$sid/mnt/bookworm"
for program in mariadbd mariadb-install-db mariadb; do
    printf '#!/bin/sh\nexec chroot /mnt/bookworm %s "$@"\n' "$program" > "$sid/opt/mariadb-10.11/$program"
    chmod +x "$sid/opt/mariadb-10.11/$program"
done

# The work tree, which nothing here may change, and the build trees beside it.
mkdir -p "$work/build"
mount --bind "$source_dir" "$sid/mnt/rowferry"
mount -o remount,bind,ro "$sid/mnt/rowferry"
mount --bind "$work/build" "$sid/mnt/build"

in_sid() {
    in_root "$sid" CCACHE_DIR=/mnt/build/ccache CCACHE_COMPILERCHECK=content \
        ROWFERRY_TEST_MARIADB_FOLDER=/opt/mariadb-10.11 "$@"
}

# use_client CLIENT: the packages of the two client libraries exclude each other.
use_client() {
    local package=$1-dev log=$work/$1.package.log
    [[ $1 != mysqlclient ]] || package=libmysqlclient-dev
    [[ $(in_sid dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null) != installed ]] || return 0
    in_sid apt-get install -q -y --no-install-recommends "$package" > "$log" 2>&1 ||
        fail "$package cannot be installed into $sid: see $log"
}

# --- What runs here ---

version_of() { in_sid dpkg-query -W -f '${Version}' "$1" | sed 's/^[0-9]*://; s/[+-].*//'; }
mariadb_version=$(in_sid /opt/mariadb-10.11/mariadbd --version | sed -n 's/.* Ver \([0-9.]*\).*/\1/p')
mysql_version=$(in_sid mysqld --version | sed -n 's/.* Ver \([0-9.]*\).*/\1/p')
echo "== servers: MariaDB $mariadb_version, MySQL $mysql_version"
echo "== g++ $(in_sid g++ -dumpfullversion), Boost $(version_of libboost-dev), fmt $(version_of libfmt-dev)," \
    "Catch2 $(version_of catch2)"
server_name() { [[ $1 == mariadb ]] && echo "MariaDB $mariadb_version" || echo "MySQL $mysql_version"; }
# While the client's package is installed.
client_name() {
    local name="MariaDB Connector/C"
    [[ $1 == libmariadb ]] || name="Oracle's libmysqlclient"
    echo "$name $(in_sid pkg-config --modversion "$1")"
}

# --- Building and running ---

server_suites=(contract_tests integration_tests fidelity_tests hostile_tests)
table=('client library|source|target|result|seconds')
failed=0

# part CLIENT SOURCE TARGET LOG COMMAND...: runs it into the log, and adds its line to the table.
part() {
    local client=$1 source=$2 target=$3 log=$4 start=$SECONDS outcome count
    shift 4
    echo "== $(client_name "$client"): $source -> $target"
    if "$@" > "$log" 2>&1; then
        count=$(sed -nE 's/.*All tests passed \(.* in ([0-9]+) test cases?\).*/\1/p; s/.*test cases: *([0-9]+) .*/\1/p' "$log" |
            awk '{ n += $1 } END { print n + 0 }')
        outcome="passed${count:+, $count test cases}"
    else
        failed=1
        outcome="FAILED, see $log"
        grep -aE 'warning:|error:|FAILED:|\*\*\*(Failed|Timeout|Exception)|: FAILED:?$' "$log" | sort -u | head -n 40 || true
    fi
    table+=("$(client_name "$client")|$source|$target|$outcome|$((SECONDS - start))")
}

# A quick build has a tree of its own; most of its time is the compiler's. What does not know the client library is built
# for the first one only.
tree() { if $quick; then echo "/mnt/build/$1.quick"; else echo "/mnt/build/$1"; fi; }
build() {
    local targets=(all) type=(-DCMAKE_BUILD_TYPE=Release)
    [[ $1 == "${clients[0]}" ]] || targets=(all_with_client)
    if $quick; then
        targets=("${server_suites[@]}")
        type=(-DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0)
    fi
    in_sid cmake -S /mnt/rowferry -B "$(tree "$1")" -G Ninja "${type[@]}" -DCMAKE_CXX_SCAN_FOR_MODULES=OFF \
        -DCMAKE_COMPILE_WARNING_AS_ERROR=ON -DROWFERRY_JOIN_TESTS=8 -DROWFERRY_CLIENT_LIBRARY="$1" &&
        in_sid cmake --build "$(tree "$1")" --parallel "$(nproc)" --target "${targets[@]}" -- -k 0
}
without_servers() {
    local labels='unit|static|compile_fail|examples'
    [[ $1 == "${clients[0]}" ]] || labels=examples
    in_sid ctest --test-dir "$(tree "$1")" --output-on-failure --no-tests=error --parallel "$(nproc)" \
        --label-regex "^($labels)$"
}
# with_servers CLIENT SOURCE TARGET: the integration tests file by file, as many programs at once as there are processors: most
# of the time they wait for servers, and each has its own. Each program and file gets a line that says how it went.
with_servers() {
    local client=$1 source=$2 target=$3 logs=$work/$1.$2-$3 file
    rm -rf "$logs"
    mkdir -p "$logs"
    local started=0
    run() {
        local name=$1 program=$2 log
        shift 2
        started=$((started + 1))
        log=$logs/$started.log
        while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n || true; done
        {
            if in_sid ROWFERRY_TEST_SOURCE="$source" ROWFERRY_TEST_TARGET="$target" \
                timeout --kill-after=30 900 "$(tree "$client")/tests/$program" "$@"; then
                echo "== $name: passed"
            else
                echo "== $name: FAILED"
            fi
        } > "$log" 2>&1 &
    }
    if ((${#filters[@]})); then
        run "${filters[*]}" integration_tests --filenames-as-tags "${filters[@]}"
    else
        # Most of its servers are scripted; behind its proxies are MariaDB's.
        [[ $source,$target != mariadb,mariadb ]] || run hostile_tests hostile_tests
        run contract_tests contract_tests
        run fidelity_tests fidelity_tests
        for file in tests/integration/*_test.cpp; do
            file=$(basename "$file" .cpp)
            run "$file" integration_tests --filenames-as-tags "[#$file]"
        done
    fi
    wait
    cat "$logs"/*.log
    (($(grep -lE '^== .*: passed$' "$logs"/*.log | wc -l) == started))
}

for client in "${clients[@]}"; do
    use_client "$client"
    part "$client" build - "$work/$client.build.log" build "$client"
    [[ ${table[-1]} != *FAILED* ]] || continue
    $quick || part "$client" 'no server' - "$work/$client.no-server.log" without_servers "$client"
    for pair in "${pairs[@]}"; do
        source=${pair%,*}
        target=${pair#*,}
        part "$client" "$(server_name "$source")" "$(server_name "$target")" "$work/$client.$source-$target.log" \
            with_servers "$client" "$source" "$target"
    done
done

echo
printf '%s\n' "${table[@]}" | column -t -s '|'
exit $failed
