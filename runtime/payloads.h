/*
 * The parts of an instance that are made from sections of its module: globals (GLOB), tables of
 * functions (TABL) and data segments (DSEG). Every tier and programs compiled ahead of time make
 * them here, from the payloads of sections that were verified before, so nothing is checked again.
 */
#ifndef VSP_RUNTIME_PAYLOADS_H
#define VSP_RUNTIME_PAYLOADS_H

#include "helpers.h"

enum {
	VSP_NO_TYPE = 0xFFFF,       /* of a function that section TYPE gives none */
	VSP_MAX_TYPES = VSP_NO_TYPE /* so that no type has that number, which would match such functions */
};

/*
 * Where a table lies in rt->elements. Entries from used on have no function in any run of the
 * section, and are not stored.
 */
typedef struct vsp_table {
	uint32_t size, used;
	uint32_t first; /* index of entry 0 in rt->elements */
} vsp_table;

typedef struct vsp_payloads {
	const uint8_t *globals, *tables, *segments; /* of GLOB, TABL and DSEG; null: there is no such section */
	const uint8_t *func_types;                  /* of TYPE: two bytes for each function; null as above */
	const vsp_table *table_list;                /* what TABL says, one for each table */
	uint32_t table_count;
} vsp_payloads;

/*
 * An entry of a table, as compiled code reads it: the index of the function in the lower half, its
 * type plus 1 in the upper half; 0 when there is none.
 */
#define VSP_ELEMENT(func, type) ((uint64_t)(func) | ((uint64_t)(type) + 1) << 32)

/*
 * Allocates rt->globals and rt->elements, which the account of rt must allow. False: it does not,
 * or there is no memory; close is needed even so. payloads must outlive rt's use.
 */
bool vsp_payloads_open(vsp_rt *rt, const vsp_payloads *payloads);
/*
 * Gives globals their first values and writes the data segments into memory, which is all zeros or
 * holds the program's data.
 */
void vsp_payloads_start(vsp_rt *rt);
void vsp_payloads_close(vsp_rt *rt);

/* The number of globals. */
uint32_t vsp_payloads_globals(const vsp_payloads *payloads);
/* The type that section TYPE gives a function, or VSP_NO_TYPE. */
uint32_t vsp_payloads_type(const vsp_payloads *payloads, uint32_t func);

/*
 * The function of entry index of a table, which must be of type. Returns 0, or BAD_FUNCTION with a
 * message.
 */
int vsp_rt_element(vsp_rt *rt, uint32_t table, uint64_t index, uint32_t type, uint32_t *func);
/* The same for compiled code, which has found that there is no such function. */
int vsp_rt_bad_element(vsp_rt *rt, uint32_t table, uint64_t index, uint32_t type);

#endif
