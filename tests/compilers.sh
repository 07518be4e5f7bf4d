#!/usr/bin/env bash
# Builds the unit tests, the header checks and the tool with each compiler that is here, warnings being errors, and runs the
# unit tests.
#
#   tests/compilers.sh [--install] [COMPILER...]     --install: installs the packages first, also those of the compilers
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. examples/support/packages.sh

all=(g++-12 g++-13 g++-14 clang++-14 clang++-15 clang++-16 clang++-17 clang++-18 clang++-19)
install=false
if [[ ${1-} == --install ]]; then
    install=true
    shift
elif [[ ${1-} == -* ]]; then
    sed -n '2,5s/^# \{0,1\}//p' "$0"
    exit 2
fi
(($# == 0)) || all=("$@")

if $install; then
    wanted=()
    for compiler in "${all[@]}"; do
        package=${compiler/clang++/clang}
        [[ -z $(_candidate_version "$package") ]] || wanted+=("$package")
    done
    require_packages "${tool_packages[@]}" "${test_packages[@]}" "${wanted[@]}"
fi

# try COMPILER: its log is build/compilers/COMPILER.log.
try() {
    local tree=build/compilers/$1
    local targets=(unit_tests unit_tests_single static_tests header_checks header_checks_mysql header_checks_single rowferry_tool)
    cmake -S . -B "$tree" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER="$1" &&
        cmake --build "$tree" --parallel "$(nproc)" --target "${targets[@]}" &&
        ctest --test-dir "$tree" --output-on-failure --label-regex 'unit|compile_fail'
}

mkdir -p build/compilers
table=()
failed=0
for compiler in "${all[@]}"; do
    command -v "$compiler" > /dev/null || { table+=("$compiler|not installed"); continue; }
    echo "== $compiler"
    log=build/compilers/$compiler.log
    start=$SECONDS
    if try "$compiler" > "$log" 2>&1; then
        outcome=ok
    else
        grep -E 'warning:|error:|\(Failed\)' "$log" | head -n 5 || true
        outcome="FAILED, see $log"
        failed=1
    fi
    table+=("$compiler|$outcome|$((SECONDS - start)) s|$("$compiler" -dumpversion)")
done
echo
printf '%s\n' "${table[@]}" | column -t -s '|'
exit $failed
