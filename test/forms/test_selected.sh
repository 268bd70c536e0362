# Every form of the table is compiled for machines that nothing runs here: LLVM can end at an
# instruction that a machine lacks ("Cannot select").
#     sh test_selected.sh VSPC FORMS LEVEL TARGET...
set -u
vspc=$1 forms=$2 level=$3
shift 3
. "$(dirname "$0")/../aot/lib.sh"
"$forms" >forms.sil || fail "$forms"
for target; do # which aot names
	aot -O"$level" forms.sil -o forms.s
	[ -e forms.s ] && [ "$(wc -l <forms.s)" -gt "$(wc -l <forms.sil)" ] || fail "$target: there is no code of all forms"
	rm -f forms.s
done
finish
