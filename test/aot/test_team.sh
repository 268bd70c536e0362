# LAUNCH on several threads in compiled programs: sh test_team.sh VSPC AOT_TEAM PROGRAM.
set -u
vspc=$1 team=$2 program=$3
. "$(dirname "$0")/lib.sh"
aot "$program" -o many.so
"$team" ./many.so - || fail "threads"
aot --bounds=explicit --no-signals "$program" -o polls.so
"$team" ./polls.so - || fail "threads without signals"
for option in --deterministic --precise-traps; do
	aot $option "$program" -o one.so
	"$team" ./one.so s || fail "threads with $option"
done
finish
