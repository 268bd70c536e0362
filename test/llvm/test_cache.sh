# The code cache over whole programs: without a cache, filling one and from it, every example and
# test program does the same; or every STEPth of them. test_cache.sh VSPC [STEP]
. "$(dirname "$0")/../cli/lib.sh"

# The result of a run: its output, messages and status.
shown() { ("$vspc" --run "$@" --timeout="${VSP_TEST_TIMEOUT:-10s}" </dev/null 2>&1; echo "status $?") | without_calls; }
# Without the calls after a trap: how exactly they are known depends on the tier, and tier 2 shows
# no calls that became loops.
without_calls() { grep -v '^    #[1-9]'; }

step=${2:-1}
seen=0
compared=0
for file in "$source_dir"/test/programs/*.sil "$source_dir"/examples/*.sil; do
	case $file in
	# Not the same twice, or endless, or no program at all.
	*/syscall_clock.sil | */trap_timeout.sil | */error_*.sil) continue ;;
	esac
	seen=$((seen + 1))
	[ $((seen % step)) = 0 ] || continue
	flags=$(sed -n 's/^; flags: //p' "$file")
	# shellcheck disable=SC2086 # they are words
	set -- "$file" --sync-compile $flags
	plain=$(shown "$@" --tier=2)
	cold=$(shown "$@" --tier=2 --cache=cache)
	warm=$(shown "$@" --tier=2 --cache=cache)
	that "$file is the same cold" [ "$plain" = "$cold" ]
	that "$file is the same warm" [ "$plain" = "$warm" ]
	set -- "$@" --tier1-threshold=1 --tier2-threshold=2
	cold=$(shown "$@" --cache=cache)
	warm=$(shown "$@" --cache=cache)
	that "$file is the same when it rises" [ "$cold" = "$warm" ]
	compared=$((compared + 1))
done
that 'there are programs' [ "$compared" -gt $((100 / step)) ]

# ---- the option ----
cat >loop.sil <<'END'
.func main
	MOVI R0, 5000
loop:
	ADDI R0, R0, -1
	BNZ R0, loop
	HLT
.end
END
expect 0 '' '' "$vspc" loop.sil --cache=off
that 'off makes nothing' [ ! -e off ]
expect 0 '' '~code cache    0 loaded, 1 stored, 0 refused' "$vspc" loop.sil --cache=own --tier=2 --sync-compile --stats
expect 0 '' '~code cache    1 loaded, 0 stored, 0 refused' "$vspc" loop.sil --cache=own --tier=2 --sync-compile --stats
expect 0 '' '~(cached)' "$vspc" loop.sil --cache=own --tier=2 --sync-compile --stats
expect 0 '' '~"cache":{"loaded":1,"stored":0,"refused":0,"reason":""}' "$vspc" loop.sil --cache=own --tier=2 --sync-compile --stats=json
# Statistics show the code that runs without them: of all that was stored when the run is over, and
# of the same code.
expect 0 '' '*' "$vspc" loop.sil --cache=seen --tier1-threshold=10 --tier2-threshold=20 --stats=json
cp err.txt stats.json
stored=$(find seen -type f | wc -l)
that 'what the run stored is shown' grep -q "\"stored\":$stored,\"refused\":0" stats.json
expect 0 '' '' "$vspc" loop.sil --cache=same --tier=2
expect 0 '' '~code cache    1 loaded, 0 stored, 0 refused' "$vspc" loop.sil --cache=same --tier=2 --stats
expect 0 '' '~"instructions":null' "$vspc" loop.sil --cache=same --tier=2 --stats=json
expect 0 '*' '~instructions  ' "$vspc" loop.sil --tier=2 --stats --dump=json
that 'the folder is private' [ "$(ls -ld own | cut -c1-10)" = drwx------ ]
expect 2 '' "~vspc: error: cannot keep compiled code in 'no/such/folder': No such file or directory" "$vspc" loop.sil --cache=no/such/folder
expect 2 '' "~cannot keep compiled code in 'loop.sil': " "$vspc" loop.sil --cache=loop.sil
expect 2 '' "vspc: error: the name of the code cache's directory is empty" "$vspc" loop.sil --cache=
expect 2 '' "~the name of the code cache's directory has 5000 bytes, and it may have " "$vspc" loop.sil --cache="$(printf %05000d 0)"
mkdir open && chmod 777 open
expect 2 '' '~other users may write to it' "$vspc" loop.sil --cache=open
expect 0 '' '' "$vspc" loop.sil --cache=open --tier=interp

# The second process opens no compiler.
if LD_DEBUG=files "$vspc" loop.sil --tier=2 --sync-compile 2>&1 | grep -q libvsp-llvm; then
	that 'a cold start opens the compiler' sh -c 'LD_DEBUG=files "$0" loop.sil --tier=2 --sync-compile --cache=debug 2>&1 | grep -q libvsp-llvm' "$vspc"
	that 'a warm start does not' sh -c '! LD_DEBUG=files "$0" loop.sil --tier=2 --sync-compile --cache=debug 2>&1 | grep -q libvsp-llvm' "$vspc"
fi
finish
