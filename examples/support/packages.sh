# SPDX-License-Identifier: BSL-1.0
# Sourced by scripts: require_packages installs the Debian or Ubuntu packages that are missing.
#
# A requirement is a package name, a name with a least version (cmake>=3.25), or alternatives (pkg-config|pkgconf): one that is
# installed will do, else the first that can be installed is.

boost='libboost-dev>=1.81|libboost1.81-dev|libboost1.83-dev|libboost1.88-dev'
tool_packages=('g++>=12' 'cmake>=3.25' ninja-build 'pkg-config|pkgconf' "$boost" 'libfmt-dev>=9'
    'librange-v3-dev>=0.12' 'libmariadb-dev|libmysqlclient-dev' libcli11-dev nlohmann-json3-dev)
test_packages=('catch2>=2.13' 'meson>=1.0' python3 openssl libssl-dev)
# The core packages have the server's programs without a service that would start.
server_packages=('mariadb-server-core|mariadb-server-core-10.6' 'mariadb-client-core|mariadb-client-core-10.6')

# The installed version of a package, without its epoch; nothing when it is not installed.
_installed_version() {
    dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2> /dev/null | sed -n 's/^installed \([0-9]*:\)\?//p' | head -n 1
}

# The version that apt would install, without its epoch.
_candidate_version() {
    LC_ALL=C apt-cache policy "$1" 2> /dev/null | sed -n '/(none)/!s/^  Candidate: \([0-9]*:\)\?//p'
}

# _first_that WHICH REQUIREMENT: the first alternative whose WHICH version (installed or candidate) is new enough.
_first_that() {
    local alternative name least version
    local -a alternatives
    IFS='|' read -ra alternatives <<< "$2"
    for alternative in "${alternatives[@]}"; do
        name=${alternative%%>=*}
        least=0
        [[ $alternative == *'>='* ]] && least=${alternative##*>=}
        version=$("_$1_version" "$name") || true
        if [[ -n $version ]] && dpkg --compare-versions "$version" ge "$least"; then
            echo "$name"
            return
        fi
    done
    return 1
}

# require_packages REQUIREMENT...: fails, and says why, when one is missing and cannot be installed.
require_packages() {
    local requirement name
    local -a missing=() install=() as_root=()

    if ! command -v dpkg-query > /dev/null; then
        echo "This is neither Debian nor Ubuntu: packages are not checked. Needed: $*" >&2
        return 0
    fi
    for requirement; do
        _first_that installed "$requirement" > /dev/null || missing+=("$requirement")
    done
    ((${#missing[@]})) || return 0

    if ((EUID != 0)); then
        if ! command -v sudo > /dev/null; then
            echo "Missing packages: ${missing[*]}" >&2
            echo "Install them as root, or run this as root or with sudo installed." >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "Missing packages: ${missing[*]}" >&2
    echo "Installing them with apt-get, ${as_root[*]:+by }${as_root[*]:-as root}." >&2
    "${as_root[@]}" apt-get update -q >&2 || echo "apt-get update failed; going on with the lists there are." >&2
    for requirement in "${missing[@]}"; do
        if ! name=$(_first_that candidate "$requirement"); then
            echo "This release of the system has no package for $requirement." >&2
            return 1
        fi
        install+=("$name")
    done
    # Nothing of yours is removed to make room: then apt-get stops, and says what stands in the way.
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends --no-remove "${install[@]}" >&2; then
        echo "apt-get could not install: ${install[*]}" >&2
        return 1
    fi
}
