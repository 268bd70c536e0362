#!/bin/sh
# test_python.sh BUILD: installs the Python package into a new environment, without a network, with
# the library of the build, and runs its tests there.
set -e
build=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Python with cffi: Debian's, which may have numpy too, or the path's.
for python in /usr/bin/python3 python3; do
	"$python" -c 'import cffi, venv, ensurepip' 2>/dev/null && break
	python=
done
[ -n "$python" ] || { echo "SKIPPED: no Python with cffi and venv (Debian: python3-cffi, python3-venv)"; exit 77; }

# An environment that may use the system's packages, as cffi is one, installs nothing from
# elsewhere.
"$python" -m venv --system-site-packages "$work/env"
# A copy, since installing must need nothing but these folders.
mkdir -p "$work/vsp/test"
cp -r "$top/python" "$top/include" "$top/CMakeLists.txt" "$top/examples" "$work/vsp/"
cp -r "$top/test/wasi" "$work/vsp/test/" # programs for its tests
VSP_BUILD=$work/none "$work/env/bin/pip" install --no-index --quiet "$work/vsp/python" >"$work/log" 2>&1 &&
	{ echo "FAILED: a package without its library was installed"; exit 1; }
grep -q "build it first" "$work/log" || { cat "$work/log"; echo "FAILED: the way out is missing"; exit 1; }
VSP_BUILD=$build "$work/env/bin/pip" install --no-index --quiet "$work/vsp/python" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cd "$work"
"$work/env/bin/python" -W error::ResourceWarning -m unittest discover -s "$work/vsp/python/tests" 2>"$work/log" || { cat "$work/log"; exit 1; }
tail -n 3 "$work/log"
