#!/bin/sh
# The inner loop: builds the changed files (preset dev), and runs the unit tests, those of the
# command line, and every program in three settings. ./setup test runs all other tests too.
set -e
cd "$(dirname "$0")/.."
mkdir -p build
[ -f build/dev/build.ninja ] || cmake --preset dev >build/dev.log || { cat build/dev.log; exit 1; }
cmake --build --preset dev >build/dev.log || { cat build/dev.log; exit 1; }
tools/check/includes.sh
# The slowest tests of the command line, about killed processes and dialogues, are left out.
exec ctest --preset dev -j"$(nproc)" --progress -R '^(unit|cli)[.]|^programs[.](interp|2|auto)$' -E 'unit.test_interp_random|cli.test_(killed|dialogue)'
