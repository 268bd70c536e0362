/*
 * Makes every access of the program that `forms --accesses` prints, compiled ahead of time with
 * --precise-traps and linked with this, at addresses around the ends of memory: what is inside
 * succeeds, and everything else traps, with the kind that docs/isa.md names and memory unchanged.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vsp/vsp_aot.h>

enum { LOW = 0x10000, STACK = 0x8000, EDGE = 32, FILL = 0xA5 };

static vsp_aot_instance *instance;
static uint8_t *memory;
static uint64_t size;
static int failures;

static void fill(void)
{
	memset(memory + LOW, FILL, EDGE);
	memset(memory + size - EDGE, FILL, EDGE);
}

static int is_filled(void)
{
	for (uint64_t i = 0; i < EDGE; i++)
		if (memory[LOW + i] != FILL || memory[size - EDGE + i] != FILL)
			return 0;
	return 1;
}

static void try_access(const char *name, int bytes, int64_t address)
{
	int inside = address >= LOW && (uint64_t)address + (uint64_t)bytes <= size;
	vsp_trap want = inside                              ? VSP_TRAP_NONE
	                : address >= STACK && address < LOW ? VSP_TRAP_STACK_OVERFLOW
	                                                    : VSP_TRAP_OUT_OF_BOUNDS;
	fill();
	vsp_aot_call(instance, name, &address, NULL);
	vsp_trap found = vsp_aot_last_error(instance)->trap;
	if (found != want || (!inside && !is_filled())) {
		failures++;
		printf("%s at %#" PRIx64 ": trap %d, wanted %d%s\n", name, (uint64_t)address, found, want,
		        is_filled() ? "" : ", memory changed");
	}
}

int main(void)
{
	vsp_error error = VSP_ERROR_INIT;
	instance = vsp_aot_instantiate(NULL, &error);
	if (!instance) {
		printf("%s\n", error.message);
		return 1;
	}
	memory = vsp_aot_memory(instance, &size);
	const int64_t places[] = {0x10, STACK, LOW, (int64_t)size, 0xFFFFFFF0};
	uint32_t tried = 0;
	for (uint32_t i = 0; i < vsp_aot_module.function_count; i++) {
		const vsp_aot_function *f = &vsp_aot_module.functions[i];
		if (!f->exported || f->params != 1)
			continue;
		int bytes = atoi(f->name + strcspn(f->name, "0123456789"));
		for (size_t k = 0; k < sizeof places / sizeof *places; k++)
			for (int64_t by = -16; by < 16; by++, tried++)
				try_access(f->name, bytes, places[k] + by);
	}
	printf("%" PRIu32 " accesses, %d failed\n", tried, failures);
	vsp_aot_free(instance);
	return failures != 0 || tried == 0;
}
