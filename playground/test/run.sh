#!/bin/sh
# Builds the playground into a folder and tests it in headless Chromium. Skips (77) without the
# packages of npm or without a browser.
#     run.sh NODE PACKAGE WORK
folder=$(cd "$(dirname "$0")/.." && pwd)
[ -d "$folder/node_modules/esbuild" ] || { echo "skipped: ./setup playground fetches what the page is made of"; exit 77; }
for program in chromedriver chromium; do
	command -v $program >/dev/null || { echo "skipped: there is no $program (Debian: chromium, chromium-driver)"; exit 77; }
done
"$1" "$folder/build.mjs" "$2" "$3" || exit 1
VSP_PLAYGROUND=$3 "$1" --test "$folder/test/playground.test.mjs"
