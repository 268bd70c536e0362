#!/bin/sh
# For between two edits: builds what has changed (preset dev), and runs the unit tests, those of the command line, and every program
# in three settings. What it leaves out, ./setup test runs.
set -e
cd "$(dirname "$0")/.."
mkdir -p build
[ -f build/dev/build.ninja ] || cmake --preset dev >build/dev.log || { cat build/dev.log; exit 1; }
cmake --build --preset dev >build/dev.log || { cat build/dev.log; exit 1; }
tools/check/includes.sh
# The slowest of the command line are about processes that are killed, and about conversations.
exec ctest --preset dev -j"$(nproc)" --progress -R '^(unit|cli)[.]|^programs[.](interp|2|auto)$' -E 'unit.test_interp_random|cli.test_(killed|dialogue)'
