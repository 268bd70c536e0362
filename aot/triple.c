/*
 * Reading LLVM triples: architecture-vendor-system-environment.
 */
#include "triple.h"

#include <string.h>

/* Part number n of a triple; length 0 when there is none. */
typedef struct part {
	const char *at;
	size_t length;
} part;

static part part_of(const char *triple, unsigned n)
{
	for (; n && triple; n--)
		triple = strchr(triple, '-') ? strchr(triple, '-') + 1 : NULL;
	return triple ? (part){triple, strcspn(triple, "-")} : (part){"", 0};
}

static bool is(part p, const char *text) { return p.length == strlen(text) && memcmp(p.at, text, p.length) == 0; }

/* Systems may have a version: macosx14.0. */
static bool begins(part p, const char *text)
{
	return p.length >= strlen(text) && memcmp(p.at, text, strlen(text)) == 0;
}

static bool same_part(part a, part b) { return a.length == b.length && memcmp(a.at, b.at, a.length) == 0; }

bool aot_triple_same(const char *a, const char *b)
{
	return same_part(part_of(a, 0), part_of(b, 0)) && same_part(part_of(a, 2), part_of(b, 2)) &&
	       same_part(part_of(a, 3), part_of(b, 3));
}

static bool is_apple(part system)
{
	return begins(system, "darwin") || begins(system, "macosx") || begins(system, "macos") || begins(system, "ios");
}

/* The first versions with all that the runtime calls, on the first of each processor's machines. */
const char *aot_triple_version(const char *triple, size_t *place)
{
	part system = part_of(triple, 2);
	bool x86 = is(part_of(triple, 0), "x86_64");
	*place = (size_t)(system.at - triple) + system.length;
	if (is(system, "macosx") || is(system, "macos"))
		return x86 ? "10.13" : "11.0";
	if (is(system, "darwin"))
		return x86 ? "17" : "20";
	return is(system, "ios") ? "14.0" : "";
}

static unsigned system_of(part architecture, part system, part environment)
{
	static const char *const posix[] = {"freebsd", "netbsd", "openbsd", "dragonfly"};
	if (is(system, "linux"))
		return AOT_POSIX | AOT_LINUX | AOT_NOT_WINDOWS;
	if (is_apple(system))
		return AOT_POSIX | AOT_OTHER_POSIX | AOT_NOT_WINDOWS | AOT_APPLE;
	if (begins(system, "windows"))
		return is(architecture, "x86_64") && is(environment, "gnu") ? AOT_WINDOWS : 0;
	for (unsigned i = 0; i < sizeof posix / sizeof posix[0]; i++)
		if (begins(system, posix[i]))
			return AOT_POSIX | AOT_OTHER_POSIX | AOT_NOT_WINDOWS;
	return AOT_NOT_WINDOWS;
}

/* Which files WASI programs can have. Those of Apple's systems are not declared in aot/apple. */
static unsigned files_of(unsigned system)
{
	if (!(system & AOT_POSIX) || system & AOT_APPLE)
		return AOT_NO_FILES;
	return AOT_POSIX_FILES | (system & AOT_LINUX ? 0 : AOT_PLAIN_FILES);
}

/* How programs find out which processor they have. */
static unsigned features_of(part architecture, unsigned system)
{
	bool arm = is(architecture, "aarch64") || is(architecture, "arm64");
	if (is(architecture, "x86_64") || (architecture.length == 4 && begins(architecture, "i")))
		return AOT_X86;
	if (arm && system & AOT_LINUX)
		return AOT_LINUX_AARCH64;
	if (arm && system & AOT_APPLE)
		return AOT_APPLE_AARCH64;
	return is(architecture, "riscv64") && system & AOT_LINUX ? AOT_LINUX_RISCV : AOT_NO_FEATURES;
}

/*
 * Can the runtime find a thread in generated code, from within a signal handler? The machines are
 * those whose program counter runtime/platform/machine_context.h reads.
 */
static unsigned stops_loops(part architecture, unsigned system)
{
	static const char *const families[] = {
	        "x86_64", "i386", "i486", "i586", "i686", "aarch64", "arm", "thumb", "riscv", "s390x"};
	if (!(system & AOT_LINUX))
		return 0;
	for (unsigned i = 0; i < sizeof families / sizeof families[0]; i++)
		if (begins(architecture, families[i]))
			return AOT_STOPPERS;
	return 0;
}

static void read_machine(aot_triple *t, part architecture)
{
	static const struct {
		const char *architecture, *features, *abi;
	} machines[] = {
#define MACHINE(architecture, features, abi) {architecture, features, abi},
#define SYSTEM(...)
#include "targets.def"
	};
	for (unsigned i = 0; i < sizeof machines / sizeof machines[0]; i++)
		if (is(architecture, machines[i].architecture)) {
			t->features = machines[i].features;
			t->abi = machines[i].abi;
		}
}

static void read_system(aot_triple *t, const char *triple)
{
	static const struct {
		const char *architecture, *system, *environment, *gnu, *c_library, *linker;
	} systems[] = {
#define MACHINE(...)
#define SYSTEM(architecture, system, environment, gnu, c_library, linker) \
	{architecture, system, environment, gnu, c_library, linker},
#include "targets.def"
	};
	for (unsigned i = 0; i < sizeof systems / sizeof systems[0]; i++)
		if (is(part_of(triple, 0), systems[i].architecture) && is(part_of(triple, 2), systems[i].system) &&
		        is(part_of(triple, 3), systems[i].environment)) {
			t->gnu = systems[i].gnu;
			t->c_library = systems[i].c_library;
			t->linker = systems[i].linker;
		}
}

aot_triple aot_triple_read(const char *triple)
{
	part architecture = part_of(triple, 0), system = part_of(triple, 2);
	aot_triple t = {.features = "", .abi = "", .gnu = triple};
	t.wasm = begins(architecture, "wasm");
	t.no_guards = t.wasm || begins(architecture, "s390");
	t.holds = (t.wasm && begins(system, "wasi") ? AOT_WASI : 0) | (t.wasm ? 0 : AOT_NOT_WASI);
	t.holds |= AOT_ALWAYS | system_of(architecture, system, part_of(triple, 3));
	t.holds |= files_of(t.holds);
	t.holds |= features_of(architecture, t.holds);
	t.holds |= stops_loops(architecture, t.holds);
	read_machine(&t, architecture);
	read_system(&t, triple);
	return t;
}
