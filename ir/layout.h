/*
 * The offsets of the parts of a module in its file: for the writer, and so that errors can name an
 * offset. They are in bytes from the start of the file. The layout follows from the module alone,
 * since a file has only one order of parts and one padding.
 */
#ifndef VSP_IR_LAYOUT_H
#define VSP_IR_LAYOUT_H

#include "module.h"

/* The offsets of the header's fields. */
enum {
	VSP_AT_MAGIC = 0,
	VSP_AT_VERSION = 4,
	VSP_AT_MODE = 6,
	VSP_AT_CODE_SIZE = 8,
	VSP_AT_DATA_SIZE = 12,
	VSP_AT_SYMBOL_SIZE = 16,
	VSP_AT_ENTRY = 20,
	VSP_AT_CHECKSUM = 24
};

/* The offsets of the fields in an entry of FUNC and in MEMO. */
enum {
	VSP_FUNC_START = 0,
	VSP_FUNC_SIZE = 4,
	VSP_FUNC_SYMBOL = 8,
	VSP_FUNC_PARAMS = 12,
	VSP_FUNC_RESULTS = 13,
	VSP_FUNC_KIND = 14,
	VSP_FUNC_FLAGS = 15,
	VSP_FUNC_ENTRY = 16, /* size of an entry */
	VSP_MEMO_INITIAL = 0,
	VSP_MEMO_MAXIMUM = 4,
	VSP_MEMO_STACK_TOP = 8,
	VSP_MEMO_SIZE = 12
};

/* The next multiple of 4. */
static inline uint64_t vsp_layout_pad(uint64_t size) { return (size + 3) & ~(uint64_t)3; }

/* The size of the symbol segment without padding: 0 when there is none. */
uint64_t vsp_layout_symbol_size(const vsp_module_data *m);
/* The offsets of the data and of the symbol segment, and of the first section's tag. */
uint64_t vsp_layout_data(const vsp_module_data *m);
uint64_t vsp_layout_symbols(const vsp_module_data *m);
uint64_t vsp_layout_sections(const vsp_module_data *m);
/* Offset of symbol number i. */
uint64_t vsp_layout_symbol(const vsp_module_data *m, uint32_t i);
/*
 * The offset of the payload of the section with this tag; the end of the file when there is none.
 */
uint64_t vsp_layout_section(const vsp_module_data *m, const char *tag);
/* The offsets of entries of IMPT, LINE's files, LINE's rows and MODL. */
uint64_t vsp_layout_import(const vsp_module_data *m, uint32_t i);
uint64_t vsp_layout_file(const vsp_module_data *m, uint32_t i);
uint64_t vsp_layout_line(const vsp_module_data *m, uint32_t row);
uint64_t vsp_layout_model(const vsp_module_data *m, uint32_t i);
/* The offset of something in the payload of a section with that tag, given where it is in
   memory. */
uint64_t vsp_layout_payload(const vsp_module_data *m, const char *tag, const uint8_t *at);

#endif
