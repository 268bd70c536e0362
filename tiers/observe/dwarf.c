/*
 * The debugging information (DWARF 4) of one unit, made from its places, its map and the module's
 * line table: functions, what was inlined into them, and lines. There are no types and no
 * variables, but this is enough for breakpoints on lines and for back traces. An instruction for
 * which the module has no line gets line 0.
 */
#include "dwarf.h"

#include "tiers/bytes.h"
#include "runtime/base/alloc.h"

enum {
	TAG_COMPILE_UNIT = 0x11,
	TAG_INLINED = 0x1D,
	TAG_SUBPROGRAM = 0x2E,
	AT_NAME = 0x03,
	AT_STMT_LIST = 0x10,
	AT_LOW_PC = 0x11,
	AT_HIGH_PC = 0x12,
	AT_LANGUAGE = 0x13,
	AT_INLINE = 0x20,
	AT_PRODUCER = 0x25,
	AT_ABSTRACT_ORIGIN = 0x31,
	AT_DECL_FILE = 0x3A,
	AT_DECL_LINE = 0x3B,
	AT_RANGES = 0x55,
	AT_CALL_FILE = 0x58,
	AT_CALL_LINE = 0x59,
	FORM_ADDR = 0x01,
	FORM_DATA2 = 0x05,
	FORM_DATA8 = 0x07,
	FORM_STRING = 0x08,
	FORM_DATA1 = 0x0B,
	FORM_UDATA = 0x0F,
	FORM_REF4 = 0x13,
	FORM_SEC_OFFSET = 0x17,
	LANGUAGE_C99 = 0x0C, /* debuggers do not know our language; from C they need the operators for addresses */
	INLINE_INLINED = 1
};
enum { DIE_UNIT = 1, DIE_ABSTRACT, DIE_FUNCTION, DIE_INLINED };

typedef struct writer {
	vsp_dwarf *out;
	const vsp_module_data *module;
	const vsp_jit_unit *unit;
	const vsp_code_symbol *symbol; /* the current function, and its places */
	uint32_t first, end;
	uint32_t *abstract; /* per function: offset of its abstract entry in info; 0: none */
	uint32_t *callee;   /* per site: the function inlined at that call, or VSP_NO_PC */
} writer;

void vsp_code_name(vsp_text *out, const vsp_module_data *module, const vsp_code_symbol *symbol)
{
	const char *name = vsp_module_func_name(module, symbol->func);
	if (*name)
		put_shown(out, name);
	else
		vsp_text_format(out, "func_%u", (unsigned)symbol->func);
	if (symbol->point == VSP_CODE_BOXED)
		vsp_text_string(out, ".enter");
}

/* ---- abbreviations ---- */

static void put_abbreviations(vsp_text *out)
{
	static const uint8_t table[] = {DIE_UNIT, TAG_COMPILE_UNIT, 1, AT_PRODUCER, FORM_STRING, AT_LANGUAGE,
	        FORM_DATA2, AT_NAME, FORM_STRING, AT_LOW_PC, FORM_ADDR, AT_HIGH_PC, FORM_DATA8, AT_STMT_LIST,
	        FORM_SEC_OFFSET, 0, 0, /* */
	        DIE_ABSTRACT, TAG_SUBPROGRAM, 0, AT_NAME, FORM_STRING, AT_DECL_FILE, FORM_UDATA, AT_DECL_LINE,
	        FORM_UDATA, AT_INLINE, FORM_DATA1, 0, 0, /* */
	        DIE_FUNCTION, TAG_SUBPROGRAM, 1, AT_NAME, FORM_STRING, AT_DECL_FILE, FORM_UDATA, AT_DECL_LINE,
	        FORM_UDATA, AT_LOW_PC, FORM_ADDR, AT_HIGH_PC, FORM_DATA8, 0, 0, /* */
	        DIE_INLINED, TAG_INLINED, 1, AT_ABSTRACT_ORIGIN, FORM_REF4, AT_RANGES, FORM_SEC_OFFSET, AT_CALL_FILE,
	        FORM_UDATA, AT_CALL_LINE, FORM_UDATA, 0, 0, /* */
	        0};
	vsp_text_add(out, (const char *)table, sizeof table);
}

/* The file (from 1) and line of a code address; zeros when unknown. */
static void put_place(writer *w, uint32_t pc)
{
	const vsp_line *line = pc == VSP_NO_PC ? NULL : vsp_module_line_at(w->module, pc);
	put_uleb(&w->out->info, line ? line->file + 1 : 0);
	put_uleb(&w->out->info, line ? (uint64_t)line->line : 0);
}

/* ---- what was inlined ---- */

static void put_abstract(writer *w, uint32_t func)
{
	const vsp_code_symbol symbol = {.func = func, .point = VSP_CODE_NATIVE};
	if (w->abstract[func])
		return;
	w->abstract[func] = (uint32_t)w->out->info.length;
	put_uleb(&w->out->info, DIE_ABSTRACT);
	vsp_code_name(&w->out->info, w->module, &symbol);
	put_number(&w->out->info, 0, 1);
	put_place(w, w->module->funcs[func].start);
	put_number(&w->out->info, INLINE_INLINED, 1);
}

/* Finds the callee by which each call was replaced, and writes the callees' abstract entries. */
static void put_callees(writer *w)
{
	const vsp_code_map *map = w->unit->map;
	for (uint32_t s = 0; s < map->site_count; s++)
		w->callee[s] = VSP_NO_PC;
	for (uint32_t s = 0; s < map->site_count; s++) {
		const vsp_code_site *site = &map->sites[s];
		if (site->outer == VSP_NO_SITE || site->pc == VSP_NO_PC)
			continue;
		w->callee[site->outer] = vsp_module_func_at(w->module, site->pc);
		put_abstract(w, w->callee[site->outer]);
	}
}

static uint32_t place_end(const writer *w, uint32_t place)
{
	uint32_t end = w->symbol->offset + w->symbol->size;
	return place + 1 < w->end && w->unit->places[place + 1].offset < end ? w->unit->places[place + 1].offset : end;
}

/* Is a place within the body inlined at a call, at any depth? */
static bool place_is_in(const writer *w, uint32_t place, uint32_t call)
{
	uint32_t site = w->unit->map->outer[place];
	while (site != VSP_NO_SITE && site != call)
		site = w->unit->map->sites[site].outer;
	return site == call;
}

/*
 * Writes the ranges of one inlined body in the current function, relative to the unit. False: it
 * has none here.
 */
static bool put_ranges(writer *w, uint32_t call)
{
	bool any = false;
	for (uint32_t i = w->first; i < w->end; i++) {
		uint32_t last = i;
		if (!place_is_in(w, i, call))
			continue;
		while (last + 1 < w->end && place_is_in(w, last + 1, call))
			last++;
		if (place_end(w, last) > w->unit->places[i].offset) {
			put_number(&w->out->ranges, w->unit->places[i].offset, 8);
			put_number(&w->out->ranges, place_end(w, last), 8);
			any = true;
		}
		i = last;
	}
	if (any)
		put_zeros(&w->out->ranges, 16);
	return any;
}

/*
 * Writes all bodies that were inlined at calls within the body of a call (VSP_NO_SITE: the function
 * itself). The recursion is as deep as calls were inlined.
 */
static void put_inlined(writer *w, uint32_t within)
{
	const vsp_code_map *map = w->unit->map;
	for (uint32_t call = 0; call < map->site_count; call++) {
		size_t ranges = w->out->ranges.length;
		if (map->sites[call].outer != within || w->callee[call] == VSP_NO_PC || !put_ranges(w, call))
			continue;
		put_uleb(&w->out->info, DIE_INLINED);
		put_number(&w->out->info, w->abstract[w->callee[call]], 4);
		put_number(&w->out->info, ranges, 4);
		put_place(w, map->sites[call].pc);
		put_inlined(w, call);
		put_number(&w->out->info, 0, 1);
	}
}

/* ---- functions ---- */

static void put_function(writer *w, const vsp_code_symbol *symbol)
{
	vsp_text *info = &w->out->info;
	w->symbol = symbol;
	w->first = 0;
	while (w->first < w->unit->place_count && w->unit->places[w->first].offset < symbol->offset)
		w->first++;
	for (w->end = w->first; w->end < w->unit->place_count; w->end++)
		if (w->unit->places[w->end].offset >= symbol->offset + symbol->size)
			break;
	put_uleb(info, DIE_FUNCTION);
	vsp_code_name(info, w->module, symbol);
	put_number(info, 0, 1);
	put_place(w, w->module->funcs[symbol->func].start);
	put_number(info, (uintptr_t)w->unit->code + symbol->offset, 8);
	put_number(info, symbol->size, 8);
	put_inlined(w, VSP_NO_SITE);
	put_number(info, 0, 1);
}

static void put_info(writer *w)
{
	vsp_text *info = &w->out->info;
	const vsp_code_map *map = w->unit->map;
	put_number(info, 0, 4); /* the length, set below */
	put_number(info, 4, 2);
	put_number(info, 0, 4);
	put_number(info, 8, 1);
	put_uleb(info, DIE_UNIT);
	put_text(info, "vsp " VSP_VERSION);
	put_number(info, LANGUAGE_C99, 2);
	put_shown(info, w->module->files[w->module->lines[0].file]);
	put_number(info, 0, 1);
	put_number(info, (uintptr_t)w->unit->code, 8);
	put_number(info, w->unit->code_size, 8);
	put_number(info, 0, 4);
	put_callees(w);
	for (uint32_t i = 0; i < map->symbol_count; i++)
		put_function(w, &map->symbols[i]);
	put_number(info, 0, 1);
	set_number(info, 0, info->length - 4, 4);
}

void vsp_dwarf_build(vsp_dwarf *out, const vsp_module_data *module, const vsp_jit_unit *unit)
{
	writer w = {.out = out, .module = module, .unit = unit};
	w.abstract = vsp_alloc(module->func_count, sizeof *w.abstract);
	w.callee = vsp_alloc((size_t)unit->map->site_count + 1, sizeof *w.callee);
	if (w.abstract && w.callee) {
		put_abbreviations(&out->abbrev);
		put_info(&w);
		vsp_dwarf_lines(&out->line, module, unit);
	} else {
		out->info.failed = true;
	}
	vsp_free_memory(w.abstract);
	vsp_free_memory(w.callee);
}

void vsp_dwarf_free(vsp_dwarf *d)
{
	vsp_free_memory(d->info.bytes);
	vsp_free_memory(d->abbrev.bytes);
	vsp_free_memory(d->line.bytes);
	vsp_free_memory(d->ranges.bytes);
}
