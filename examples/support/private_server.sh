# SPDX-License-Identifier: BSL-1.0
# Sourced by scripts: a private MariaDB server in a folder of its own. It reads no option file, listens on the loopback
# address and on DIR/socket, and ends with server_stop; servers that run already are never touched.
# DIR is an absolute path.
#
#   server_init DIR [PASSWORD]          makes an empty server, with the user ferry (for TCP and the socket)
#   server_start DIR PORT [OPTION...]   starts it and waits until it answers
#   server_sql DIR [ARGUMENT...]        the mariadb client, as root through the socket
#   server_stop DIR                     an orderly shutdown
#   server_kill DIR                     SIGKILL, as a crash
#   free_port                           prints a loopback port that nobody listens on

PATH=$PATH:/usr/sbin:/usr/local/sbin

server_init() {
    local dir=$1 password=${2:-ferry}
    # The kernel's limit for the path of a socket is 107 bytes.
    if ((${#dir} > 100)); then
        echo "The path $dir is too long for a server's socket: choose a folder with a shorter one (TMPDIR)." >&2
        return 1
    fi
    # A temporary folder of its own: nothing is left in the system's, and a server that starts removes the temporary
    # tables of others in a shared one.
    mkdir -p "$dir/tmp" && chmod 700 "$dir" "$dir/tmp" || return 1
    # Root only comes in through the socket, in a folder that is closed to others.
    cat > "$dir/init.sql" << SQL
DELETE FROM mysql.global_priv WHERE NOT (User = 'root' AND Host = 'localhost') AND User NOT LIKE 'mariadb.%';
FLUSH PRIVILEGES;
CREATE OR REPLACE USER ferry@'127.0.0.1' IDENTIFIED BY '$password', ferry@localhost IDENTIFIED BY '$password';
GRANT ALL ON *.* TO ferry@'127.0.0.1', ferry@localhost;
SQL
    chmod 600 "$dir/init.sql"
    # "--user=root" would make this script change the owner of files in the system; as two words it is the server's own.
    local -a user=()
    ((EUID != 0)) || user=(--user root)
    if ! mariadb-install-db --no-defaults "${user[@]}" --datadir="$dir/data" --tmpdir="$dir/tmp" \
        --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve --force --innodb-log-file-size=64M \
        > "$dir/install.log" 2>&1; then
        echo "mariadb-install-db failed:" >&2
        tail -n 20 "$dir/install.log" >&2
        return 1
    fi
}

server_start() {
    local dir=$1 port=$2 pid tries
    local -a user=()
    ((EUID != 0)) || user=(--user=root)
    if _server_pid "$dir" > /dev/null; then
        echo "The server in $dir runs already." >&2
        return 1
    fi
    mariadbd --no-defaults "${user[@]}" --datadir="$dir/data" --tmpdir="$dir/tmp" --socket="$dir/socket" --port="$port" \
        --bind-address=127.0.0.1 --skip-name-resolve --pid-file="$dir/data/pid" --log-error="$dir/error.log" \
        --init-file="$dir/init.sql" --innodb-buffer-pool-size=128M --innodb-log-file-size=64M \
        --innodb-flush-log-at-trx-commit=2 --max-allowed-packet=64M "${@:3}" < /dev/null > /dev/null 2>> "$dir/error.log" &
    pid=$!
    disown "$pid"
    echo "$pid" > "$dir/pid"
    for ((tries = 0; tries < 600; ++tries)); do
        server_sql "$dir" -e 'DO 1' 2> /dev/null && return 0
        kill -0 "$pid" 2> /dev/null || break
        sleep 0.1
    done
    server_kill "$dir"
    echo "The server in $dir did not start; the end of its log:" >&2
    tail -n 20 "$dir/error.log" >&2
    return 1
}

server_sql() { mariadb --no-defaults --user=root --socket="$1/socket" "${@:2}"; }

# The server's process id, while it is this folder's server that has it.
_server_pid() {
    local pid
    pid=$(cat "$1/pid" 2> /dev/null) || return 1
    tr '\0' '\n' 2> /dev/null < "/proc/$pid/cmdline" | grep -qxF -e "--datadir=$1/data" || return 1
    echo "$pid"
}

# _server_end SIGNAL DIR: sends the signal and waits for the end, a minute at most.
_server_end() {
    local pid tries
    pid=$(_server_pid "$2") || return 0
    kill "-$1" "$pid"
    for ((tries = 0; tries < 600; ++tries)); do
        _server_pid "$2" > /dev/null || { rm -f "$2/pid"; return 0; }
        sleep 0.1
    done
    echo "The server in $2 (process $pid) does not end." >&2
    return 1
}

server_stop() { _server_end TERM "$1"; }
server_kill() { _server_end KILL "$1"; }

free_port() {
    local port tries
    for ((tries = 0; tries < 100; ++tries)); do
        port=$((20000 + RANDOM % 12000)) # below the range that the kernel gives to outgoing connections
        (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "$port"; return 0; }
    done
    echo "No free port was found." >&2
    return 1
}
