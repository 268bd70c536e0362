/*
 * Writes the functions of the compiler's shared object in the order in which compiling first
 * touches them, for the linker to lay them out in: gen_order LIBRARY OUTPUT PROGRAM... Without it
 * the code of a first compilation is spread over tens of megabytes, and each part costs a page
 * fault (docs/experiments.md, "Start of the compiler").
 *
 * A copy of LIBRARY in which each function begins with a breakpoint is put beside this program,
 * where libvsp looks for the compiler first. Then the programs run in every tier. A breakpoint that
 * is hit records its function and is removed, so a function costs one signal, however often it is
 * called. Only for x86-64 Linux; a failure is reported, with status 1, and leaves no OUTPUT.
 */
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "runtime/platform/platform.h"
#include "training.h"

enum { BREAKPOINT = 0xcc, COPY_LIMIT = 1 << 30 };
#define COPY_NAME "libvsp-llvm.so" /* what libvsp opens */

typedef struct function {
	uint64_t address; /* in the object */
	const char *name;
	uint8_t first; /* its first byte */
} function;

/* For the signal handler: complete before the copy is opened. touched is in the order of time. */
static struct {
	function *functions; /* by address */
	size_t count;
	const function **touched;
	size_t touched_count;
	uintptr_t base; /* where the copy is loaded; 0: not known yet */
	char path[4096];
} state;

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "gen_order: %s: %s\n", what, why);
	exit(1);
}

static void *need(void *memory) { return memory ? memory : (fail("memory", "there is not enough"), NULL); }

/* ---- breakpoints ---- */

/* The base of the copy from a line of /proc/self/maps, "START-END PERMISSIONS OFFSET ... PATH",
   of its first part; else 0. */
static uintptr_t base_from_line(const char *line)
{
	char *end;
	uintptr_t start = strtoull(line, &end, 16);
	const char *offset = strstr(end, "p ");
	size_t length = strlen(line), path = strlen(state.path);
	if (!offset || strtoull(offset + 2, NULL, 16) != 0 || length < path)
		return 0;
	return strcmp(line + length - path, state.path) == 0 ? start : 0;
}

/* The address where the copy is loaded. Called in a signal handler: system calls and no streams. */
static uintptr_t find_base(void)
{
	static char text[1 << 16];
	int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	for (ssize_t n; (n = read(file, text + length, sizeof text - 1 - length)) > 0;)
		length += (size_t)n;
	close(file);
	text[length] = '\0';
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		uintptr_t base = base_from_line(line);
		if (base)
			return base;
	}
	return 0;
}

/* The first function at an address of the object; null: none is there. */
static const function *function_at(uint64_t address)
{
	size_t low = 0, high = state.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (state.functions[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < state.count && state.functions[low].address == address ? &state.functions[low] : NULL;
}

/* Called by one thread at a time: the programs wait for the compiler, and the compiler has one
   thread. */
static void met(int signal_number, siginfo_t *info, void *context)
{
	(void)signal_number;
	(void)info;
	greg_t *pc = &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
	if (!state.base)
		state.base = find_base();
	const function *f = function_at((uint64_t)*pc - 1 - state.base);
	uintptr_t page = ((uintptr_t)*pc - 1) & ~((uintptr_t)vsp_plat_page_size() - 1);
	if (!f || mprotect((void *)page, vsp_plat_page_size(), PROT_READ | PROT_WRITE | PROT_EXEC))
		abort();
	*(volatile uint8_t *)(uintptr_t)(*pc - 1) = f->first;
	--*pc;
	for (; f < state.functions + state.count && f->address == (uint64_t)*pc - state.base; f++)
		state.touched[state.touched_count++] = f;
}

static void catch_breakpoints(void)
{
	struct sigaction action = {.sa_sigaction = met, .sa_flags = SA_SIGINFO | SA_NODEFER};
	sigaction(SIGTRAP, &action, NULL);
}

/* ---- the object ---- */

static int by_address(const void *a, const void *b)
{
	const function *left = a, *right = b;
	if (left->address != right->address)
		return left->address < right->address ? -1 : 1;
	return strcmp(left->name, right->name);
}

static const Elf64_Shdr *find_section(const uint8_t *image, uint32_t type)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)image;
	const Elf64_Shdr *sections = (const Elf64_Shdr *)(image + header->e_shoff);
	for (unsigned i = 0; i < header->e_shnum; i++)
		if (sections[i].sh_type == type)
			return &sections[i];
	return NULL;
}

/* The functions of the object's symbol table that are in executable sections. */
static void list_functions(const uint8_t *image)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)image;
	const Elf64_Shdr *sections = (const Elf64_Shdr *)(image + header->e_shoff),
	                 *table = find_section(image, SHT_SYMTAB);
	if (!table)
		fail("the library", "it has no symbol table");
	const Elf64_Sym *symbols = (const Elf64_Sym *)(image + table->sh_offset);
	const char *names = (const char *)image + sections[table->sh_link].sh_offset;
	size_t n = table->sh_size / sizeof *symbols;
	state.functions = need(calloc(n, sizeof *state.functions));
	state.touched = need(calloc(n, sizeof *state.touched));
	for (size_t i = 0; i < n; i++) {
		const Elf64_Sym *s = &symbols[i];
		if (ELF64_ST_TYPE(s->st_info) == STT_FUNC && s->st_size && s->st_shndx < header->e_shnum &&
		        sections[s->st_shndx].sh_flags & SHF_EXECINSTR)
			state.functions[state.count++] = (function){s->st_value, names + s->st_name, 0};
	}
	qsort(state.functions, state.count, sizeof *state.functions, by_address);
}

/* The offset of an address in the file. */
static uint64_t file_offset(const uint8_t *image, uint64_t address)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)image;
	const Elf64_Phdr *parts = (const Elf64_Phdr *)(image + header->e_phoff);
	for (unsigned i = 0; i < header->e_phnum; i++)
		if (parts[i].p_type == PT_LOAD && address - parts[i].p_vaddr < parts[i].p_filesz)
			return address - parts[i].p_vaddr + parts[i].p_offset;
	fail("the library", "a function is outside of it");
}

static void set_breakpoints(uint8_t *image)
{
	for (size_t i = 0; i < state.count; i++)
		state.functions[i].first = image[file_offset(image, state.functions[i].address)];
	for (size_t i = 0; i < state.count; i++)
		image[file_offset(image, state.functions[i].address)] = BREAKPOINT;
}

/* The names stay in memory for the output. */
static void make_copy(const char *library)
{
	size_t size;
	const char *why = NULL;
	uint8_t *image = vsp_plat_file_read(library, COPY_LIMIT, &size, &why);
	if (!image)
		fail(library, why);
	list_functions(image);
	set_breakpoints(image);
	if (!vsp_plat_own_folder(state.path, sizeof state.path - sizeof COPY_NAME))
		fail(library, "the folder of this program is not known");
	strcat(state.path, COPY_NAME);
	why = vsp_plat_file_write(state.path, image, size);
	if (why)
		fail(state.path, why);
}

/* ---- the order ---- */

static void write_order(const char *path)
{
	size_t size = 0, at = 0;
	for (size_t i = 0; i < state.touched_count; i++)
		size += strlen(state.touched[i]->name) + 1;
	char *text = need(malloc(size + 1));
	for (size_t i = 0; i < state.touched_count; i++)
		at += (size_t)sprintf(text + at, "%s\n", state.touched[i]->name);
	const char *why = vsp_plat_file_write(path, text, size);
	free(text);
	if (why)
		fail(path, why);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		fail("usage", "gen_order LIBRARY OUTPUT PROGRAM...");
	make_copy(argv[1]);
	catch_breakpoints();
	const char *why = training_run(argv + 3, argc - 3);
	unlink(state.path);
	if (why)
		fail("training", why);
	if (state.touched_count == 0)
		fail(argv[1], "no function of it was called");
	write_order(argv[2]);
	printf("gen_order: %zu of %zu functions are touched\n", state.touched_count, state.count);
	return 0;
}
