# Several programs in one process, whose entry points have the same names: sh test_interposition.sh
# VSPC AOT_INTERPOSITION.
set -u
vspc=$1 host=$2
. "$(dirname "$0")/lib.sh"
write_program() {
	printf '\t.export f\n\t.func f(1) -> 1\n\t%s\n\tINVOKE same\n\tRET\n\t.end\n' "$1"
	printf '\t.func same(1) -> 1\n\tRET\n\t.end\n'
	printf '\t.func main\n\tMOVI R0, 7\n\tINVOKE f\n\tHLT\n\t.end\n\t.entry main\n'
}
write_program 'ADDI R0, R0, 1' >one.sil
write_program 'MULI R0, R0, 1000' >two.sil

# Shared objects made by vspc, and shared objects linked by others from an object or a library.
for name in one two; do
	aot "$name.sil" -o "$name.so"
	aot "$name.sil" -o "$name.o"
	aot "$name.sil" -o "$name.a"
	"$cc" -shared "$name.o" -o "$name.o.so" -lm -lpthread || fail "linking $name.o"
	"$cc" -shared -Wl,--whole-archive "$name.a" -Wl,--no-whole-archive -o "$name.a.so" -lm -lpthread || fail "linking $name.a"
done
for kind in so o.so a.so; do
	"$host" "./one.$kind" "./two.$kind" || fail "two programs, $kind"
	"$host" "./one.$kind" "./two.so" || fail "one of each, $kind and so"
done

# The first in the ordinary way, as a library that the host needs; the other one opened for itself.
cat >needs.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <vsp/vsp_aot.h>
vsp_status f(vsp_aot_instance *, const int64_t *, int64_t *);
int main(void)
{
	int64_t x = 7, one = -1, two = -1;
	f(vsp_aot_instantiate(NULL, NULL), &x, &one);
	void *library = dlopen("./two.so", RTLD_NOW | RTLD_LOCAL);
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *) = dlsym(library, "vsp_aot_instantiate");
	vsp_status (*call)(vsp_aot_instance *, const char *, const int64_t *, int64_t *) = dlsym(library, "vsp_aot_call");
	call(instantiate(NULL, NULL), "f", &x, &two);
	printf("%lld %lld\n", (long long)one, (long long)two);
	return 0;
}
END
"$cc" -w needs.c -I"$source/include" ./one.so -o needs -ldl || fail "linking a host with one.so"
same "a program that the host needs beside one that it opens" "8 7000" "$(./needs)"
"$cc" -w needs.c -I"$source/include" one.o -rdynamic -o inside -ldl -lm -lpthread || fail "linking a host with one.o"
same "a program inside the host beside one that it opens" "8 7000" "$(./inside)"
finish
