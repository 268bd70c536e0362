#!/bin/sh
# test_package.sh BUILD: makes the Debian package and the archive of a build, installs the package
# into an empty tree of its own by dpkg, unpacks the archive, and runs examples with both.
set -e
build=$1
here=$(cd "$(dirname "$0")" && pwd)
examples=$here/../../examples
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")
[ "$(id -u)" = 0 ] || unshare --map-root-user true 2>/dev/null || { echo "SKIPPED: only root can change the root folder here"; exit 77; }
for tool in cpack dpkg-deb dpkg-shlibdeps file readelf; do
	command -v "$tool" >/dev/null || { echo "SKIPPED: $tool is missing (Debian: dpkg-dev, file, binutils)"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
	echo "FAILED: $*"
	exit 1
}

# Root, or a user who is root in a namespace of their own, may change the root folder.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		unshare --map-root-user "$@"
	fi
}
# with_libraries FILE...: puts files of this machine into the tree, with all libraries they need.
with_libraries() {
	for file; do
		echo "$file"
		ldd "$file" 2>/dev/null | grep -o '/[^ ]*' || true
	done | sort -u | while read -r file; do
		mkdir -p "$root${file%/*}"
		cp -L "$file" "$root$file"
	done
}
# fill_tree: the tree gets a shell, ldconfig, and the libraries of the packages that the package
# depends on, with what those need: nothing else of this machine.
fill_tree() {
	mkdir -p "$root/etc" "$root/tmp"
	with_libraries /bin/sh /sbin/ldconfig
	while read -r package; do
		with_libraries $(dpkg-query -L "$package" | grep '/lib[^/]*\.so\.[^/]*$')
	done <"$work/depends"
}

# try PREFIX: what is installed there says the version, runs an example in the interpreter and
# compiled, and compiles it ahead of time.
try() {
	vspc=$1/bin/vspc
	[ "$("$vspc" --version)" = "vspc $version" ] || fail "$vspc is another version than $version"
	cd "$work"
	[ "$("$vspc" "$examples/fibonacci.sil")" = 75025 ] || fail "$vspc does not run an example"
	[ -n "$(find "$1" -name 'libvsp-llvm*')" ] || return 0
	[ "$("$vspc" --run "$examples/fibonacci.sil" --tier=2 --sync-compile)" = 75025 ] || fail "$vspc does not compile an example"
	"$vspc" --aot "$examples/fibonacci.sil" -o "$work/fibonacci" || fail "$vspc does not compile ahead of time"
	[ "$("$work/fibonacci")" = 75025 ] || fail "the program compiled ahead of time is wrong"
	rm "$work/fibonacci"
}

# Both are packed by quicker programs than those of releases, or by none.
(cd "$build" && cpack -G "TGZ;DEB" -B "$work/packages" -D CPACK_DEBIAN_COMPRESSION_TYPE=none) >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

# The package depends on the owner of each library that one of its binaries needs, unless it has the
# library itself.
deb=$(echo "$work"/packages/vsp_*.deb)
[ "$(dpkg-deb -f "$deb" Version)" = "$version" ] || fail "the package has another version than $version"
[ "$(dpkg-deb -f "$deb" Architecture)" = "$(dpkg --print-architecture)" ] || fail "the package is for another machine"
dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed 's/^ *//; s/ .*//' >"$work/depends"
root=$work/root
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
: >"$root/var/lib/dpkg/status"
fill_tree
# dpkg runs the package's own script, which calls ldconfig, inside the tree. It does not know what
# the tree has, so dependencies are checked below.
as_root dpkg --root="$root" --force-depends --log=/dev/null -i "$deb" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
grep -q '^Status: install.* installed$' "$root/var/lib/dpkg/status" || { cat "$work/log"; fail "the package is not installed"; }
while read -r file; do
	readelf -d "$root$file" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' || true
done <"$root/var/lib/dpkg/info/vsp.list" | sort -u >"$work/needed"
grep -q '^libc\.so' "$work/needed" || fail "no binary of the package needs the C library"
while read -r library; do
	! grep -q "/$library$" "$root/var/lib/dpkg/info/vsp.list" || continue
	dpkg-query -S "*/$library" 2>/dev/null | sed 's/:.*//' | sort -u | grep -qxFf "$work/depends" ||
		fail "the package needs $library, and depends on no package that has it: $(cat "$work/depends")"
done <"$work/needed"
try "$root/usr"

# Inside the tree nothing of this machine can help.
cp "$examples/fibonacci.sil" "$root/tmp/"
for tier in interp 2; do
	[ "$tier" != 2 ] || [ -n "$(find "$root" -name 'libvsp-llvm*')" ] || continue
	[ "$(as_root chroot "$root" /usr/bin/vspc --run /tmp/fibonacci.sil --tier=$tier)" = 75025 ] || fail "the installed vspc fails with --tier=$tier"
done

# The libraries for MPI are a package of their own, which needs this very version of the other. Each
# is used where its MPI can start ranks.
mpi=$(echo "$work"/packages/vsp-mpi_*.deb)
if [ -e "$mpi" ]; then
	dpkg-deb -f "$mpi" Depends | grep -qF "vsp (= $version)" || fail "vsp-mpi goes with any version of vsp"
	as_root dpkg --root="$root" --force-depends --log=/dev/null -i "$mpi" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
	! grep -q libvsp-mpi "$root/var/lib/dpkg/info/vsp.list" || fail "vsp needs MPI"
fi
# try_mpi PREFIX: two ranks find what one finds.
try_mpi() {
	[ -e "$mpi" ] || return 0
	for implementation in openmpi mpich; do
		[ -n "$(find "$1" -name "libvsp-mpi-$implementation.so")" ] && command -v "mpirun.$implementation" >/dev/null || continue
		for ranks in 1 2; do
			timeout 120 env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
				"mpirun.$implementation" -n $ranks "$1/bin/vspc" --mpi "$examples/mpi/descent.sil" >"$work/ranks.$ranks" ||
				fail "$ranks ranks of $implementation with $1"
		done
		[ -s "$work/ranks.1" ] && cmp -s "$work/ranks.1" "$work/ranks.2" || fail "ranks of $implementation differ: $(cat "$work"/ranks.*)"
	done
}
try_mpi "$root/usr"

mkdir "$work/unpacked"
tar -xzf "$work"/packages/*.tar.gz -C "$work/unpacked"
try "$(echo "$work/unpacked/vsp-$version"-*)"
try_mpi "$(echo "$work/unpacked/vsp-$version"-*)"
echo "installed from a package and from an archive: examples run"
