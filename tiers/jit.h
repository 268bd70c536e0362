/*
 * The interface between the tier manager, which knows no LLVM, and the compiler in its own shared
 * object (libvsp-llvm), which the compile thread opens when it is first needed: one table of
 * functions, called from one thread at a time.
 */
#ifndef VSP_TIERS_JIT_H
#define VSP_TIERS_JIT_H

#include "tiers/code_map.h"
#include "tiers/compiler.h"
#include "ir/lower/options.h"
#include "ir/module.h"
#include "runtime/compiled.h"
#include "runtime/platform/library_names.h"
#include "slab.h"

enum { VSP_JIT_VERSION = 9 };
#define VSP_JIT_LIBRARY VSP_LIBRARY_OWN("llvm")
#define VSP_PASSES_FOLDER "/tmp/vsp-passes-%s" /* %s: digits that nobody can guess (random_name.h) */
#define VSP_JIT_SYMBOL "vsp_jit_provider"

typedef struct vsp_jit vsp_jit;

/* The receiver of the times that a job's passes took. */
typedef struct vsp_jit_listener {
	/*
	 * The pass called name ran for this long; a name in brackets says why times are unknown. On
	 * the compile thread.
	 */
	void (*pass)(void *user, int tier, const char *name, uint64_t ns);
	void *user;
	/*
	 * The folder where the library writes times for itself; null: one that it names. It is made
	 * when it is missing, and removed after each job where that is possible.
	 */
	const char *folder;
} vsp_jit_listener;

/*
 * The size in bytes of the largest frame that is entered. A function that calls others checks the
 * stack's margin before it has its frame, and calls a function without calls without a further
 * check. So two such frames, and everything that helpers and callbacks need, must fit within the
 * margin.
 */
enum { VSP_FRAME_MOST = 64 << 10 };

/* In place of a code address: the unit is the loop form of a kernel. */
#define VSP_LOOP_PC (UINT32_MAX - 2)

/* What to compile: the functions of one unit. */
typedef struct vsp_jit_job {
	uint32_t func;
	uint32_t pc;             /* the loop head for an entry; VSP_NO_PC: the function itself; VSP_LOOP_PC */
	int tier;                /* 1 or 2 */
	bool shown;              /* the function's start is entered with all registers, which RET shows */
	bool native;             /* other functions call it */
	const uint32_t *inlined; /* callees that are defined internally, for LLVM to inline; without func */
	uint32_t inlined_count;
	bool describe;                    /* the unit gets a map; lower->debug is set too */
	const vsp_jit_listener *listener; /* or null */
	const vsp_lower_options *lower;
	const struct vsp_profile *profile; /* counts of what the program did, or null */
	struct vsp_profile *tally;         /* where the code counts, or null */
	bool keep;                         /* an image of the code is wanted */
} vsp_jit_job;

/*
 * From offset up to the next place's offset, the machine code belongs to the instruction at pc
 * (VSP_NO_PC: to none).
 */
typedef struct vsp_place {
	uint32_t offset, pc;
} vsp_place;

/* Compiled code. Addresses are valid until it is released. */
typedef struct vsp_jit_unit {
	const void *native;  /* the native form, or null */
	const void *entry;   /* a boxed, entry or loop form: vsp_entry_fn */
	const uint8_t *code; /* its machine code */
	size_t code_size;
	const vsp_place *places; /* in order of offsets from code; null when there are none */
	uint32_t place_count;
	const uint8_t *unwind; /* .eh_frame as linked, or null */
	size_t unwind_size;
	const vsp_code_map *map; /* null unless the job asked for it */
	uint64_t lower_ns, optimise_ns, emit_ns, link_ns;
	uint32_t inlined; /* number of callees that are defined internally */
	const char *note; /* in what way the code is worse than usual, a constant, or null */
	bool cached;      /* loaded from an image (image.h), not compiled */
	void *handle;     /* owned by its creator: the compiler, or the image */
} vsp_jit_unit;

typedef struct vsp_jit_api {
	uint32_t version;
	/*
	 * From now on LLVM's errors on the calling thread, after which it would end the process, go
	 * to stop, from the middle of LLVM's work and with LLVM's locks held. stop must not return,
	 * and the thread must not use the jit again. The message lives as long as the call.
	 */
	void (*guard)(void (*stop)(void *user, const char *message), void *user);
	/*
	 * module, calls, their targets, and slab, which receives machine code, must outlive the
	 * jit. Null with a message on failure.
	 */
	vsp_jit *(*create)(const vsp_module_data *module, const vsp_call_address *calls, unsigned call_count,
	        vsp_slab *slab, vsp_error *error);
	/* Fills unit and returns null, or returns why it has failed: a constant. */
	const char *(*compile)(vsp_jit *jit, const vsp_jit_job *job, vsp_jit_unit *unit);
	/*
	 * The image of the unit compiled last, whose job asked to keep it; null with a reason, a
	 * constant, when there is none. To be freed with free_image.
	 */
	struct vsp_image *(*take_image)(vsp_jit *jit, const char **why);
	void (*free_image)(struct vsp_image *image);
	/*
	 * The path of file number index of those that shape code beside the jobs: the shared
	 * objects of the compiler. False: there are no more.
	 */
	bool (*file)(unsigned index, char *path, size_t size);
	void (*release)(vsp_jit *jit, vsp_jit_unit *unit);
	/* Releases everything. */
	void (*destroy)(vsp_jit *jit);
	/*
	 * Adds the LLVM IR of a job, before (0) or after (1) optimisation, to the text that
	 * text_take prints. Null, or why it has failed: a constant.
	 */
	const char *(*text_add)(vsp_jit *jit, const vsp_jit_job *job, bool optimised);
	/*
	 * Everything added since the last call, as one module in LLVM's language, or null; to be
	 * freed with free_text.
	 */
	char *(*text_take)(vsp_jit *jit);
	void (*free_text)(char *text);
} vsp_jit_api;

/* The symbol of the JIT's shared object, VSP_JIT_SYMBOL ... */
typedef const vsp_jit_api *(*vsp_jit_provider_fn)(void);
/* manager/compile.c: opens the compiler. Null, or a constant that says why it cannot be opened. */
const char *vsp_jit_open(const vsp_jit_api **api);

/*
 * ... and the symbol of the ahead-of-time compiler, the function behind vsp_aot_compile: compiles
 * module into path. hash is that of the module's file; options are as in vsp.h. The two are
 * separate objects because the JIT contains only its own parts of LLVM, and this one needs all
 * targets.
 */
#define VSP_AOT_LIBRARY VSP_LIBRARY_OWN("aot")
#define VSP_AOT_SYMBOL "vsp_aot_build"
vsp_status vsp_aot_build(const vsp_module_data *module, uint64_t hash, const char *path, const char *const *options,
        size_t count, vsp_error *error);
typedef vsp_status (*vsp_aot_build_fn)(const vsp_module_data *module, uint64_t hash, const char *path,
        const char *const *options, size_t count, vsp_error *error);

#endif
