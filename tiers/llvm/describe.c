/*
 * The descriptions of compiled code for debuggers and profilers. Each row of LLVM's line table has
 * room for one number, which is a code address, but for an inlined instruction tools also want the
 * calls around it. So, when the passes are done, each location with such calls becomes a site,
 * whose number lies above all code addresses; when the table has been read, the numbers are
 * translated back.
 */
#include "describe.h"

#include <llvm-c/DebugInfo.h>
#include <llvm-c/Object.h>
#include <stdlib.h>
#include <string.h>

#include "ir/lower/lower.h"
#include "runtime/base/alloc.h"
#include "runtime/base/grow.h"

/* ---- sites ---- */

/*
 * Sites by LLVM's location: an open hash table that is at most half full. Locations are unique or
 * belong to one inlined call.
 */
typedef struct site_table {
	LLVMMetadataRef *keys;
	uint32_t *values;
	uint32_t capacity; /* a power of 2 */
	vsp_code_map *map;
	uint32_t room; /* in map->sites */
	bool failed;
} site_table;

static uint32_t *find_slot(site_table *t, LLVMMetadataRef location)
{
	uint32_t at = (uint32_t)((uintptr_t)location >> 4) * 0x9E3779B1u & (t->capacity - 1);
	while (t->keys[at] && t->keys[at] != location)
		at = (at + 1) & (t->capacity - 1);
	t->keys[at] = location;
	return &t->values[at];
}

static bool table_grow(site_table *t)
{
	site_table larger = *t;
	larger.capacity = t->capacity ? 2 * t->capacity : 256;
	larger.keys = vsp_alloc(larger.capacity, sizeof *larger.keys);
	larger.values = vsp_alloc(larger.capacity, sizeof *larger.values);
	vsp_code_site *sites = vsp_realloc(t->map->sites, larger.capacity / 2, sizeof *sites);
	if (sites)
		t->map->sites = sites;
	if (!larger.keys || !larger.values || !sites) {
		vsp_free_memory(larger.keys);
		vsp_free_memory(larger.values);
		return false;
	}
	for (uint32_t i = 0; i < t->capacity; i++)
		if (t->keys[i])
			*find_slot(&larger, t->keys[i]) = t->values[i];
	vsp_free_memory(t->keys);
	vsp_free_memory(t->values);
	larger.room = larger.capacity / 2;
	*t = larger;
	return true;
}

/*
 * The site of a location; VSP_NO_SITE without memory, and then t->failed is set. The recursion is
 * as deep as calls were inlined into each other.
 */
static uint32_t site_of(site_table *t, LLVMMetadataRef location)
{
	LLVMMetadataRef outer = LLVMDILocationGetInlinedAt(location);
	uint32_t outer_site = outer ? site_of(t, outer) : VSP_NO_SITE;
	if (t->map->site_count == t->room && !table_grow(t)) {
		t->failed = true;
		return VSP_NO_SITE;
	}
	uint32_t *site = find_slot(t, location);
	if (!*site) {
		unsigned line = LLVMDILocationGetLine(location);
		t->map->sites[t->map->site_count++] = (vsp_code_site){line ? line - 1 : VSP_NO_PC, outer_site};
		*site = t->map->site_count;
	}
	return *site - 1;
}

static void describe_instruction(site_table *t, LLVMMetadataRef scope, LLVMValueRef insn)
{
	LLVMMetadataRef location = LLVMInstructionGetDebugLoc(insn);
	if (!location || !LLVMDILocationGetInlinedAt(location))
		return;
	uint32_t site = site_of(t, location);
	if (t->failed)
		return;
	LLVMContextRef context = LLVMGetTypeContext(LLVMTypeOf(insn));
	LLVMInstructionSetDebugLoc(
	        insn, LLVMDIBuilderCreateDebugLocation(context, VSP_MAX_CODE + 1 + site, 0, scope, NULL));
}

static void describe_function(site_table *t, LLVMValueRef fn)
{
	LLVMMetadataRef scope = LLVMGetSubprogram(fn);
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(fn); scope && b; b = LLVMGetNextBasicBlock(b))
		for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
			describe_instruction(t, scope, i);
}

bool vsp_describe_sites(LLVMModuleRef module, vsp_code_map *map)
{
	site_table t = {.map = map};
	for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn))
		describe_function(&t, fn);
	vsp_free_memory(t.keys);
	vsp_free_memory(t.values);
	return !t.failed;
}

/* ---- symbols ---- */

static bool add_symbol(vsp_code_map *map, uint32_t *room, LLVMSymbolIteratorRef symbol)
{
	vsp_code_symbol s = {(uint32_t)LLVMGetSymbolAddress(symbol), (uint32_t)LLVMGetSymbolSize(symbol), 0, 0, 0};
	enum vsp_entry_point point;
	if (!s.size || !vsp_lower_parse_name(LLVMGetSymbolName(symbol), &point, &s.func, &s.pc))
		return true;
	s.point = point == VSP_POINT_NATIVE  ? VSP_CODE_NATIVE
	          : point == VSP_POINT_BOXED ? VSP_CODE_BOXED
	          : point == VSP_POINT_LOOP  ? VSP_CODE_LOOP
	                                     : VSP_CODE_ENTRY;
	vsp_code_symbol *grown = vsp_grow(map->symbols, map->symbol_count, room, sizeof *grown, 8);
	if (!grown)
		return false;
	map->symbols = grown;
	map->symbols[map->symbol_count++] = s;
	return true;
}

static int by_offset(const void *a, const void *b)
{
	const vsp_code_symbol *x = a, *y = b;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static bool read_symbols(LLVMBinaryRef binary, vsp_code_map *map)
{
	uint32_t room = 0;
	bool done = true;
	LLVMSymbolIteratorRef symbol = LLVMObjectFileCopySymbolIterator(binary);
	for (; symbol && done && !LLVMObjectFileIsSymbolIteratorAtEnd(binary, symbol); LLVMMoveToNextSymbol(symbol))
		done = add_symbol(map, &room, symbol);
	if (symbol)
		LLVMDisposeSymbolIterator(symbol);
	if (map->symbol_count)
		qsort(map->symbols, map->symbol_count, sizeof *map->symbols, by_offset);
	return done;
}

/* ---- places ---- */

static bool resolve_places(vsp_place *places, uint32_t count, vsp_code_map *map)
{
	map->outer = vsp_alloc(count, sizeof *map->outer);
	if (!map->outer)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t site = places[i].pc - VSP_MAX_CODE;
		map->outer[i] = VSP_NO_SITE;
		if (places[i].pc == VSP_NO_PC || places[i].pc < VSP_MAX_CODE)
			continue;
		bool known = site < map->site_count;
		places[i].pc = known ? map->sites[site].pc : VSP_NO_PC;
		map->outer[i] = known ? map->sites[site].outer : VSP_NO_SITE;
	}
	return true;
}

bool vsp_describe_code(LLVMMemoryBufferRef object, vsp_place *places, uint32_t place_count, vsp_code_map *map)
{
	char *message = NULL;
	LLVMBinaryRef binary = LLVMCreateBinary(object, NULL, &message);
	if (!binary) {
		LLVMDisposeMessage(message);
		return false;
	}
	bool done = read_symbols(binary, map) && resolve_places(places, place_count, map);
	LLVMDisposeBinary(binary);
	return done;
}

void vsp_describe_free(vsp_code_map *map)
{
	vsp_free_memory(map->symbols);
	vsp_free_memory(map->sites);
	vsp_free_memory(map->outer);
	*map = (vsp_code_map){0};
}
