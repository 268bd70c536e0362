# Hosts of compiled programs, in every language that examples/hosts has, and two programs in one
# link: sh test_hosts.sh VSPC.
set -u
vspc=$1
. "$(dirname "$0")/lib.sh"
include=$source/include hosts=$source/examples/hosts
warnings="-Wall -Wextra -Werror"

for kind in .so .a .o .h; do
	aot "$hosts/energy.sil" -o energy$kind
done

# Hosts that open the program, and hosts that are linked with it.
"$cc" $warnings -I"$include" "$hosts/dlopen.c" -o dlopen_host -ldl && same "C with dlopen" "$hosts_print" "$(./dlopen_host ./energy.so)"
for library in energy.a energy.o; do
	"$cc" $warnings -I"$include" -I. "$hosts/static.c" $library -lm -pthread -o static_host &&
		same "C with $library" "$hosts_print" "$(./static_host)"
done
if command -v c++ >/dev/null; then
	c++ $warnings -x c++ -I"$include" -I. "$hosts/static.c" -x none energy.a -lm -pthread -o cpp_host &&
		same "C++" "$hosts_print" "$(./cpp_host)"
fi
# These two show the message of a trap alone.
messages=$(echo "$hosts_print" | sed 's/ in divide//')
command -v python3 >/dev/null && same "Python" "$messages" "$(python3 "$hosts/host.py" ./energy.so)"
command -v luajit >/dev/null && same "Lua" "$messages" "$(luajit "$hosts/host.lua" ./energy.so)"

# Two programs in one link, each under a prefix, with functions of the same names: from objects, and
# from static libraries.
cat >other.sil <<'END'
.import host.factor() -> 1
.export scale
.export divide
.func main() -> 0
	RET
.end
.func scale(1) -> 1
	MOV  R4, R0
	HCALL host.factor
	ADD R0, R0, R4
	RET
.end
.func divide(2) -> 1
	LOAD R0, [R0 + 0]
	RET
.end
END
cat >two.c <<'END'
#include "one.h"
#include "two.h"
#include <stdio.h>

static vsp_aot_instance *instances[2];

/* The second program's factor is what the first one makes of 7: calls nest across programs. */
static int factor(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	int64_t seven = 7;
	(void)args;
	if (user)
		return caller->instance == instances[1] ? one_scale(instances[0], &seven, results) : 1;
	results[0] = 3;
	return VSP_OK;
}

int main(void)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	int64_t ten = 10, pair[] = {1, 0}, result = 0;
	instances[0] = one_vsp_aot_instantiate(&config, &error);
	instances[1] = two_vsp_aot_instantiate(&config, &error);
	one_vsp_aot_define_import(instances[0], "host.factor", 0, 1, factor, NULL);
	two_vsp_aot_define_import(instances[1], "host.factor", 0, 1, factor, &ten);
	printf("%d\n", one_vsp_aot_module.program_hash != two_vsp_aot_module.program_hash);
	for (int round = 0; round < 2; round++) {
		if (one_scale(instances[0], &ten, &result) == VSP_OK)
			printf("one: %lld\n", (long long)result);
		if (two_scale(instances[1], &ten, &result) == VSP_OK)
			printf("two: %lld\n", (long long)result);
		if (one_divide(instances[0], pair, &result) == VSP_TRAPPED)
			printf("one: %s\n", one_vsp_aot_last_error(instances[0])->message);
		if (two_divide(instances[1], pair, &result) == VSP_TRAPPED)
			printf("two: %s\n", two_vsp_aot_last_error(instances[1])->message);
	}
	one_vsp_aot_free(instances[0]);
	two_vsp_aot_free(instances[1]);
	return 0;
}
END
round='one: 30
two: 31
one: integer division by zero
two: access outside linear memory: access at address 1'
for kind in .h .o .a; do
	aot --aot-prefix=one_ "$hosts/energy.sil" -o one$kind
	aot --aot-prefix=two_ other.sil -o two$kind
done
for kind in .o .a; do
	"$cc" $warnings -I"$include" -I. two.c one$kind two$kind -lm -pthread -o two && same "two programs in one link" "1
$round
$round" "$(./two)"
done

# Versions of the interface, both ways: a newer host, and a newer program, made from this one by
# changing the version in its descriptor. Both sides are named.
cat >abi.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define VSP_AOT_NO_PROTOTYPES
#include <vsp/vsp_aot.h>
int main(int argc, char **argv)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	void *program = dlopen(argv[1], RTLD_NOW), *symbol = dlsym(program, "vsp_aot_instantiate");
	memcpy(&instantiate, &symbol, sizeof symbol);
	if (argc > 2)
		config.abi_version = (uint32_t)atoi(argv[2]);
	vsp_aot_instance *instance = instantiate(&config, &error);
	printf("%d %s\n", error.code == VSP_E_UNSUPPORTED, error.message);
	return instance != NULL;
}
END
"$cc" -I"$include" abi.c -o abi -ldl || fail "abi"
versions() { # WHAT HOST PROGRAM FILE [VERSION]
	message=$(./abi "$4" ${5:-}) || fail "$1 is accepted"
	case $message in "1 the host was compiled for version $2 of "*" but this program has version $3;"*) ;; *) fail "$1: $message" ;; esac
}
versions "a host of a newer version" 99 1 ./energy.so 99
versions "a host of an older version" 0 1 ./energy.so 0
if command -v nm >/dev/null && command -v readelf >/dev/null; then
	# Where the descriptor is in the file: its address less that of its section, plus the
	# section's place.
	address=$(nm -D energy.so | sed -n 's/^\([0-9a-f]*\) . vsp_aot_module$/\1/p')
	set -- $(readelf -SW energy.so | sed -n 's/^.*\.data\.rel\.ro *PROGBITS *\([0-9a-f]*\) *\([0-9a-f]*\) .*/\1 \2/p')
	cp energy.so newer.so
	printf '\002' | dd of=newer.so bs=1 seek=$((0x$address - 0x$1 + 0x$2 + 4)) conv=notrunc 2>/dev/null
	versions "a program of a newer version" 1 2 ./newer.so
	message=$(./dlopen_host ./newer.so 2>&1) && fail "the host in C runs a program of another version"
	case $message in *"version 1 "*"version 2"*) ;; *) fail "the host in C: $message" ;; esac
	command -v luajit >/dev/null && luajit "$hosts/host.lua" ./newer.so 2>/dev/null && fail "the host in Lua runs a program of another version"
	command -v python3 >/dev/null && python3 "$hosts/host.py" ./newer.so 2>/dev/null && fail "the host in Python runs a program of another version"
fi
finish
