/*
 * Properties that follow from an LLVM triple alone. All text lives as long as the program, or as
 * the triple that was given.
 */
#ifndef VSP_AOT_TRIPLE_H
#define VSP_AOT_TRIPLE_H

#include <stdbool.h>
#include <stddef.h>

/* Conditions of runtime_sources.def, bits. */
enum {
	AOT_ALWAYS = 1 << 0,
	AOT_POSIX = 1 << 1,
	AOT_LINUX = 1 << 2,
	AOT_OTHER_POSIX = 1 << 3, /* POSIX, but not Linux */
	AOT_WINDOWS = 1 << 4,
	AOT_NOT_WINDOWS = 1 << 5,
	AOT_X86 = 1 << 6,
	AOT_NO_FILES = 1 << 7, /* WASI programs get no folders; else AOT_POSIX_FILES */
	AOT_WASI = 1 << 8,     /* WebAssembly with WASI */
	AOT_NOT_WASI = 1 << 9,
	AOT_APPLE = 1 << 10, /* Mach-O, and POSIX */
	/* Where programs can find out which processor they have, beside AOT_X86; one of these
	   four holds. */
	AOT_LINUX_AARCH64 = 1 << 11,
	AOT_LINUX_RISCV = 1 << 12, /* 64 bits */
	AOT_APPLE_AARCH64 = 1 << 13,
	AOT_NO_FEATURES = 1 << 14,
	AOT_POSIX_FILES = 1 << 15,
	AOT_PLAIN_FILES = 1 << 16, /* AOT_POSIX_FILES, but not Linux: no more is known of the system */
	AOT_STOPPERS = 1 << 17     /* a signal stops loops, which need not poll (vsp_plat_has_stopper) */
};

typedef struct aot_triple {
	unsigned holds; /* AOT_*; without AOT_POSIX, AOT_WINDOWS and AOT_WASI there is no runtime for the system */
	bool wasm;      /* WebAssembly, of any system */
	bool no_guards; /* faults do not tell their addresses (VSP_CONTEXT_EXACT_FAULTS), or there are none */
	const char *features, *abi;     /* LLVM's names, beyond its defaults; "" */
	const char *gnu;                /* in the names of compilers: aarch64-linux-gnu */
	const char *c_library, *linker; /* Debian packages, or null */
} aot_triple;

/* The version to compile for when an Apple system's triple names none, to be put after the
   system's name at *place; "" for all others. */
const char *aot_triple_version(const char *triple, size_t *place);
/* triple: normalised, as LLVMNormalizeTargetTriple gives it. */
aot_triple aot_triple_read(const char *triple);
/* Do two normalised triples name the same kind of machine? The vendor does not matter. */
bool aot_triple_same(const char *a, const char *b);

#endif
