#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Builds and runs a small program in each way in which the README says that rowferry can be used.
#
#   run.sh SOURCE-DIR BUILD-DIR     with what BUILD-DIR, a build tree of CMake, installs
set -euo pipefail
source_dir=$(realpath "$1")
build_dir=$(realpath "$2")
program=$source_dir/tests/consumer/consumer.cpp
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export CXX=${CXX:-g++}

quietly() { "$@" > output 2>&1 || { cat output && return 1; }; }
way() { echo "== $1"; }
# with_cmake NAME TEXT: a project whose CMakeLists.txt says TEXT between its name and its program.
with_cmake() {
    mkdir "$1"
    {
        printf 'cmake_minimum_required(VERSION 3.25)\nproject(consumer LANGUAGES CXX)\n%s\n' "$2"
        printf 'add_executable(consumer %s)\ntarget_link_libraries(consumer PRIVATE rowferry::rowferry)\n' "$program"
    } > "$1/CMakeLists.txt"
    quietly cmake -S "$1" -B "$1/build" -DCMAKE_PREFIX_PATH="$folder/prefix" -DCMAKE_BUILD_TYPE=Debug
    quietly cmake --build "$1/build" --target consumer
    "$1/build/consumer" > /dev/null
}

way "installed, by CMake"
quietly cmake --install "$build_dir" --prefix "$folder/prefix"
with_cmake installed 'find_package(rowferry REQUIRED COMPONENTS mysql)
get_target_property(links rowferry::mysql INTERFACE_LINK_LIBRARIES)
message(STATUS "${links}")'

way "installed, by pkg-config"
export PKG_CONFIG_PATH=$folder/prefix/share/pkgconfig
pkg-config --exists --print-errors rowferry-mysql
# shellcheck disable=SC2046
"$CXX" -std=c++20 "$program" -o by_pkg_config $(pkg-config --cflags --libs rowferry-mysql)
./by_pkg_config > /dev/null

way "as a subfolder, by CMake"
with_cmake subfolder "add_subdirectory($source_dir rowferry)"

way "fetched, by CMake"
with_cmake fetched "include(FetchContent)
FetchContent_Declare(rowferry SOURCE_DIR $source_dir)
FetchContent_MakeAvailable(rowferry)"

way "as single files"
"$CXX" -std=c++20 -fsyntax-only -I"$source_dir/single_include" -x c++ - <<< '#include <rowferry/rowferry.hpp>'

if command -v meson > /dev/null; then
    way "as a subproject, by meson"
    mkdir -p meson/subprojects
    cp -r "$source_dir/include" "$source_dir/meson.build" meson/ && mkdir meson/subprojects/rowferry
    mv meson/include meson/meson.build meson/subprojects/rowferry/
    cp "$program" meson/
    cat > meson/meson.build << 'END'
project('consumer', 'cpp', default_options: ['cpp_std=c++20'])
executable('consumer', 'consumer.cpp', dependencies: dependency('rowferry', fallback: 'rowferry'))
END
    quietly meson setup meson/build meson
    quietly meson compile -C meson/build
    meson/build/consumer > /dev/null
fi
