/*
 * The runtime for machines other than the one VSP was built for: its sources, which lie beside the
 * compiler's shared object (or where VSP_RUNTIME_DIR says), are compiled to bitcode by a clang
 * found at run time (or VSP_CLANG), once for each target and version of the sources. The bitcode is
 * kept in the user's cache folder under a hash of all inputs. Files there are written whole, and
 * checked when they are read: owner, permissions and contents. Without a folder that can be trusted
 * and written to, the runtime is compiled each time.
 */
#include "command.h"
#include "scratch_names.h"

#include <stdio.h>
#include <string.h>

#include <llvm-c/BitReader.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Linker.h>

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/base/sha256.h"

enum { FOLDER = 2048, HASH = 32 };
#define SOURCE_LIMIT (UINT64_C(1) << 28)

static const struct entry {
	unsigned when;
	const char *text;
} sources[] =
        {
#define FLAG(when, text)
#define SOURCE(when, text) {AOT_##when, text},
#include "runtime_sources.def"
},
  flags[] = {
#define FLAG(when, text) {AOT_##when, text},
#define SOURCE(when, text)
#include "runtime_sources.def"
};
enum { SOURCES = sizeof sources / sizeof sources[0], FLAGS = sizeof flags / sizeof flags[0] };

/* One runtime being made. Text is in the job's arena. */
typedef struct maker {
	aot_job *job;
	const char *folder;             /* of the sources, without a slash at its end */
	const char *kept, *kept_object; /* the files in the cache; null: there are none */
	const char *scratch;
	vsp_sha256 hash;   /* of the inputs of the key so far */
	uint8_t key[HASH]; /* all inputs of the bitcode */
} maker;

/* Each text with its final 0, each file with its size in front: no two inputs look alike. */
static void hash_text(maker *m, const char *text) { vsp_sha256_update(&m->hash, text, strlen(text) + 1); }

static void hash_bytes(maker *m, const void *bytes, uint64_t size)
{
	vsp_sha256_update(&m->hash, &size, sizeof size);
	vsp_sha256_update(&m->hash, bytes, size);
}

/* ---- the sources ---- */

static vsp_status find_folder(maker *m)
{
	char own[FOLDER];
	const char *named = aot_variable("VSP_RUNTIME_DIR");
	if (named)
		m->folder = named;
	else if (vsp_plat_own_folder(own, sizeof own))
		m->folder = aot_format(m->job, "%svsp", own);
	return m->folder ? VSP_OK : aot_fail_memory(m->job);
}

/* A file of the folder into the key. */
static vsp_status hash_file(maker *m, const char *name)
{
	const char *why, *path = aot_format(m->job, "%s/%s", m->folder, name);
	size_t size;
	uint8_t *bytes = path ? vsp_plat_file_read(path, SOURCE_LIMIT, &size, &why) : NULL;
	if (!path)
		return aot_fail_memory(m->job);
	if (!bytes)
		return vsp_error_set(m->job->error, VSP_E_IO,
		        "the runtime for '%s' is compiled from its sources, but '%s' cannot be read: %s; "
		        "VSP_RUNTIME_DIR "
		        "names their folder",
		        m->job->triple, path, why);
	hash_text(m, name);
	hash_bytes(m, bytes, size);
	vsp_plat_file_free(bytes, size);
	return VSP_OK;
}

/* files.txt names all files, one a line. */
static vsp_status hash_sources(maker *m)
{
	if (hash_file(m, "files.txt") != VSP_OK)
		return m->job->error->code;
	const char *why, *path = aot_format(m->job, "%s/files.txt", m->folder);
	size_t size;
	uint8_t *names = path ? vsp_plat_file_read(path, SOURCE_LIMIT, &size, &why) : NULL;
	vsp_status status = names ? VSP_OK : aot_fail_memory(m->job);
	for (size_t at = 0, end; status == VSP_OK && at < size; at = end + 1) {
		for (end = at; end < size && names[end] != '\n'; end++)
			;
		const char *name = aot_format(m->job, "%.*s", (int)(end - at), (const char *)names + at);
		status = name ? *name ? hash_file(m, name) : VSP_OK : aot_fail_memory(m->job);
	}
	vsp_plat_file_free(names, size);
	return status;
}

/* All inputs of the bitcode but the clang, whose version must agree with LLVM's anyway. */
static vsp_status make_key(maker *m)
{
	const char *sysroot = aot_variable("VSP_SYSROOT"), *clang = aot_variable("VSP_CLANG");
	vsp_sha256_begin(&m->hash);
	hash_text(m, AOT_LLVM_VERSION);
	hash_text(m, m->job->triple);
	hash_text(m, sysroot ? sysroot : "");
	hash_text(m, clang ? clang : "");
	for (unsigned i = 0; i < FLAGS; i++)
		hash_text(m, flags[i].text);
	for (unsigned i = 0; i < SOURCES; i++)
		if (m->job->known.holds & sources[i].when)
			hash_text(m, sources[i].text);
	if (hash_sources(m) == VSP_OK)
		vsp_sha256_bytes(&m->hash, m->key);
	return m->job->error->code;
}

/* ---- the cache ---- */

/* The user's folder for caches, or null. */
static const char *cache_parent(aot_job *job)
{
	const char *cache = aot_variable("XDG_CACHE_HOME"), *home = aot_variable("HOME");
	return cache || !home ? cache : aot_format(job, "%s/.cache", home);
}

/*
 * The runtime becomes part of programs, so it is only read from a folder that nobody else can have
 * written to, by the rules of the code cache.
 */
static void name_kept(maker *m)
{
	char hex[2 * HASH + 1];
	const char *parent = cache_parent(m->job), *folder = parent ? aot_format(m->job, "%s/vsp", parent) : NULL;
	if (!folder || !vsp_plat_make_folder(parent) || vsp_plat_private_directory(folder))
		return;
	for (unsigned i = 0; i < HASH; i++)
		snprintf(hex + 2 * i, 3, "%02x", m->key[i]);
	m->kept = aot_format(m->job, "%s/runtime-%s.bc", folder, hex);
	m->kept_object = aot_format(m->job, "%s/runtime-%s.o", folder, hex);
}

/* Consumes buffer; null: no bitcode that this LLVM reads. */
static LLVMModuleRef parse(aot_job *job, LLVMMemoryBufferRef buffer)
{
	LLVMModuleRef module = NULL;
	bool failed = LLVMParseBitcodeInContext2(job->context, buffer, &module);
	LLVMDisposeMemoryBuffer(buffer);
	return failed ? NULL : module;
}

/* Of a file and its inputs. */
static void hash_kept(const maker *m, const uint8_t *bytes, size_t size, uint8_t out[HASH])
{
	vsp_sha256 hash;
	vsp_sha256_begin(&hash);
	vsp_sha256_update(&hash, m->key, HASH);
	vsp_sha256_update(&hash, bytes, size);
	vsp_sha256_bytes(&hash, out);
}

/*
 * The contents of a file of the cache, to be freed; null: none that is whole and can be trusted.
 * It ends with a hash of the rest.
 */
static uint8_t *read_checked(const maker *m, const char *path, size_t *size)
{
	const char *why;
	uint8_t hash[HASH], *bytes = path ? vsp_plat_private_read(path, SOURCE_LIMIT, size, &why) : NULL;
	if (!bytes)
		return NULL;
	if (*size > HASH) {
		*size -= HASH;
		hash_kept(m, bytes, *size, hash);
		if (memcmp(hash, bytes + *size, HASH) == 0)
			return bytes;
	}
	vsp_plat_file_free(bytes, *size);
	return NULL;
}

/* The module in the cache, or null: then it is made. */
static LLVMModuleRef read_kept(const maker *m)
{
	size_t size;
	uint8_t *bytes = read_checked(m, m->kept, &size);
	if (!bytes)
		return NULL;
	LLVMModuleRef module =
	        parse(m->job, LLVMCreateMemoryBufferWithMemoryRangeCopy((const char *)bytes, size, "runtime"));
	vsp_plat_file_free(bytes, size);
	return module;
}

/* A cache that cannot be written to costs time only. */
static void keep(const maker *m, const char *path, const void *data, size_t size)
{
	uint8_t *bytes = path ? vsp_alloc(size + HASH, 1) : NULL;
	if (bytes) {
		memcpy(bytes, data, size);
		hash_kept(m, bytes, size, bytes + size);
		vsp_plat_private_write(path, bytes, size + HASH);
	}
	vsp_free_memory(bytes);
}

/* ---- compiling ---- */

static void add_clang_options(maker *m, aot_command *c)
{
	aot_job *job = m->job;
	const char *sysroot = aot_variable("VSP_SYSROOT");
	aot_add_word(c, aot_format(job, "--target=%s", job->known.gnu));
	if (sysroot)
		aot_add_word(c, aot_format(job, "--sysroot=%s", sysroot));
	for (unsigned i = 0; i < FLAGS; i++)
		if (job->known.holds & flags[i].when)
			aot_add_word(c, flags[i].text);
	if (job->known.holds & AOT_APPLE)
		aot_add_word(c, aot_format(job, "-isystem%s/aot/apple", m->folder));
	aot_add_word(c, aot_format(job, "-I%s", m->folder));
	aot_add_word(c, aot_format(job, "-I%s/include", m->folder));
}

/* The first line with an error, else the first. */
static const char *first_error(aot_job *job, const char *output)
{
	const char *error = strstr(output, "error: "), *line = error ? error : output;
	while (line > output && line[-1] != '\n')
		line--;
	return aot_format(job, "%.*s", (int)strcspn(line, "\n"), line);
}

/* What to do when headers are missing, which those of the C library are then. */
static const char *way_out(aot_job *job, const char *error)
{
	const char *package = job->known.c_library;
	if (!strstr(error, "file not found"))
		return "VSP_CLANG names another clang";
	return aot_format(job, "%s%s%sVSP_SYSROOT names a folder with the target's C library",
	        package ? "install its C library (on Debian the package " : "", package ? package : "",
	        package ? "), or " : "");
}

static vsp_status report_clang(aot_job *job, vsp_plat_run_result result, const aot_command *c)
{
	if (result == VSP_PLAT_RUN_MISSING)
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED,
		        "the runtime for '%s' is compiled by clang, which is not there: install clang-" AOT_LLVM_MAJOR
		        ", or let VSP_CLANG "
		        "name it",
		        job->triple);
	const char *error = first_error(job, c->output);
	return vsp_error_set(job->error, VSP_E_UNSUPPORTED,
	        "the runtime for '%s' cannot be compiled: %s; %s. The command: %s", job->triple, error,
	        way_out(job, error), aot_command_text(job, c));
}

/* Runs clang on a source, with its options and count more. */
static vsp_status run_clang(
        maker *m, const char *const *options, unsigned count, const char *source, const char *output)
{
	static const char *const names[] = {"clang-" AOT_LLVM_MAJOR, "clang", NULL};
	const char *chosen[] = {aot_variable("VSP_CLANG"), NULL};
	aot_command c = {.words = {""}, .count = 1};
	add_clang_options(m, &c);
	for (unsigned i = 0; i < count; i++)
		aot_add_word(&c, options[i]);
	aot_add_word(&c, "-c");
	aot_add_word(&c, source);
	aot_add_word(&c, "-o");
	aot_add_word(&c, output);
	vsp_plat_run_result result = aot_run_command(m->job, &c, chosen[0] ? chosen : names);
	if (result == VSP_PLAT_RUN_DONE && c.status == 0)
		return VSP_OK;
	return report_clang(m->job, result, &c);
}

static vsp_status compile_source(maker *m, const char *source)
{
	static const char *const options[] = {"-emit-llvm"};
	return run_clang(m, options, 1, aot_format(m->job, "%s/%s", m->folder, source), m->scratch);
}

/* The file that clang writes to, with the folder that it is in; false with the error set. */
static bool name_scratch(maker *m)
{
	if (!m->scratch)
		m->scratch = aot_scratch_file(m->job, AOT_RUNTIME_FILE);
	return m->scratch;
}

/* A source as a module, or null. */
static LLVMModuleRef make_part(maker *m, const char *source)
{
	LLVMMemoryBufferRef buffer;
	char *message = NULL;
	if (!name_scratch(m) || compile_source(m, source) != VSP_OK)
		return NULL;
	if (LLVMCreateMemoryBufferWithContentsOfFile(m->scratch, &buffer, &message)) {
		vsp_error_set(m->job->error, VSP_E_IO, "cannot read '%s': %s", m->scratch, message);
		LLVMDisposeMessage(message);
		return NULL;
	}
	LLVMModuleRef module = parse(m->job, buffer);
	if (!module)
		vsp_error_set(m->job->error, VSP_E_UNSUPPORTED,
		        "clang's bitcode cannot be read by LLVM " AOT_LLVM_VERSION "; VSP_CLANG names a clang of that "
		        "version");
	return module;
}

/* All sources that the target needs, linked; null with the error set. */
static LLVMModuleRef make_all(maker *m)
{
	LLVMModuleRef whole = LLVMModuleCreateWithNameInContext("runtime", m->job->context);
	LLVMSetTarget(whole, m->job->triple);
	LLVMSetModuleDataLayout(whole, m->job->layout);
	for (unsigned i = 0; i < SOURCES && m->job->error->code == VSP_OK; i++) {
		if (!(m->job->known.holds & sources[i].when))
			continue;
		LLVMModuleRef part = make_part(m, sources[i].text);
		if (part)
			LLVMSetTarget(part, m->job->triple); /* clang names some differently */
		if (part && LLVMLinkModules2(whole, part))   /* consumes part */
			vsp_error_set(m->job->error, VSP_E_UNSUPPORTED, "the runtime's parts do not fit together");
	}
	if (m->job->error->code == VSP_OK)
		return whole;
	LLVMDisposeModule(whole);
	return NULL;
}

/* The result goes through bitcode even when it is not kept, so that the first compilation gives
   the same bytes as later ones. */
static LLVMModuleRef settle(maker *m, LLVMModuleRef made)
{
	LLVMMemoryBufferRef buffer = LLVMWriteBitcodeToMemoryBuffer(made);
	LLVMDisposeModule(made);
	keep(m, m->kept, LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
	LLVMModuleRef module = parse(m->job, buffer);
	if (!module)
		vsp_error_set(m->job->error, VSP_E_UNSUPPORTED, "the runtime's bitcode cannot be read");
	return module;
}

/* The parts that depend on the job alone. */
static vsp_status begin(maker *m)
{
	if (find_folder(m) == VSP_OK && make_key(m) == VSP_OK)
		name_kept(m);
	return m->job->error->code;
}

static LLVMModuleRef find_module(maker *m)
{
	LLVMModuleRef module = read_kept(m);
	if (module)
		return module;
	module = make_all(m);
	return module ? settle(m, module) : NULL;
}

LLVMModuleRef aot_make_runtime(aot_job *job)
{
	maker m = {.job = job};
	return begin(&m) == VSP_OK ? find_module(&m) : NULL;
}

/* ---- as an object ---- */

static const uint8_t *copy_object(aot_job *job, const uint8_t *bytes, size_t size)
{
	uint8_t *copy = vsp_arena_array(&job->arena, size, 1);
	if (copy)
		memcpy(copy, bytes, size);
	else
		aot_fail_memory(job);
	return copy;
}

/* The bitcode in m->scratch as an object, kept; null with the error set. */
static const uint8_t *compile_object(maker *m, const char *output, size_t *size)
{
	static const char *const options[] = {"-ffunction-sections", "-fdata-sections",
	        "-Wno-unused-command-line-argument", "-Xclang", "-disable-llvm-passes", "-x", "ir"};
	const char *why;
	if (run_clang(m, options, sizeof options / sizeof options[0], m->scratch, output) != VSP_OK)
		return NULL;
	uint8_t *bytes = vsp_plat_file_read(output, SOURCE_LIMIT, size, &why);
	if (!bytes) {
		vsp_error_set(m->job->error, VSP_E_IO, "cannot read '%s': %s", output, why);
		return NULL;
	}
	keep(m, m->kept_object, bytes, *size);
	const uint8_t *copy = copy_object(m->job, bytes, *size);
	vsp_plat_file_free(bytes, *size);
	return copy;
}

/* Lets each constant have a section of its own, as cmake/VspOwnSections.cmake does. */
static void part_constants(LLVMModuleRef module)
{
	for (LLVMValueRef g = LLVMGetFirstGlobal(module); g; g = LLVMGetNextGlobal(g))
		if (LLVMIsGlobalConstant(g))
			LLVMSetUnnamedAddress(g, LLVMNoUnnamedAddr);
}

static const uint8_t *make_object(maker *m, size_t *size)
{
	LLVMModuleRef module = find_module(m);
	const char *output = module && name_scratch(m) ? aot_format(m->job, "%s.o", m->scratch) : NULL;
	const uint8_t *object = NULL;
	if (module)
		part_constants(module);
	if (output && LLVMWriteBitcodeToFile(module, m->scratch))
		vsp_error_set(m->job->error, VSP_E_IO, "cannot write '%s'", m->scratch);
	else if (output)
		object = compile_object(m, output, size);
	if (module)
		LLVMDisposeModule(module);
	return object;
}

const uint8_t *aot_make_runtime_object(aot_job *job, size_t *size)
{
	maker m = {.job = job};
	if (begin(&m) != VSP_OK)
		return NULL;
	uint8_t *kept = read_checked(&m, m.kept_object, size);
	if (!kept)
		return make_object(&m, size);
	const uint8_t *copy = copy_object(job, kept, *size);
	vsp_plat_file_free(kept, *size);
	return copy;
}
