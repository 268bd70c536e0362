/*
 * Builds .silc files for tests without the code under test: nothing is checked, so files can break
 * any rule. Memory is the C library's; running out of it ends the test.
 */
#ifndef VSP_TEST_SILC_BUILDER_H
#define VSP_TEST_SILC_BUILDER_H

#include <stddef.h>
#include <stdint.h>

/* A growing byte string. Zero-initialise; end with silc_bytes_free. */
typedef struct silc_bytes {
	uint8_t *data;
	size_t size, capacity;
} silc_bytes;

void silc_raw(silc_bytes *b, const void *bytes, size_t size);
void silc_uint(silc_bytes *b, uint64_t value, unsigned bytes); /* little-endian */
void silc_uleb(silc_bytes *b, uint64_t value);
void silc_sleb(silc_bytes *b, int64_t value);
void silc_name(silc_bytes *b, const char *name); /* u16 length and the bytes */
void silc_bytes_free(silc_bytes *b);
#define SILC_RAW(b, ...) silc_raw((b), (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

/* The parts of a file. Initialise with SILC_FILE_INIT, change the parts under test, then
   silc_finish. */
typedef struct silc_file {
	uint16_t version, mode;
	uint32_t entry;
	silc_bytes code, data;
	silc_bytes symbols; /* whole segment: silc_symbol keeps the count in front */
	silc_bytes
	        funcs; /* payload of FUNC; silc_finish adds the section in front of the others unless this is empty */
	silc_bytes sections; /* everything after the symbols */
} silc_file;
#define SILC_FILE_INIT {.version = 0x0200}

void silc_symbol(silc_file *f, const char *name, uint32_t address, uint8_t kind);
void silc_func(silc_file *f, uint32_t start, uint32_t size, uint32_t symbol, uint8_t params, uint8_t results,
        uint8_t kind, uint8_t flags);
/* Appends a section with its padding; payload may be null when it is empty. */
void silc_section(silc_file *f, const char *tag, const silc_bytes *payload);
void silc_memo(silc_file *f, uint32_t initial, uint32_t maximum, uint32_t stack_top);

/* The file's bytes, with a right checksum; the parts are freed. */
silc_bytes silc_finish(silc_file *f);
/*
 * A valid file with three functions (main, the transform turn and the kernel k; code 9, 2 and 4
 * bytes), every section and every kind of symbol.
 */
silc_bytes silc_sample(void);
/* Puts the right checksum into the header of a file of at least 32 bytes. */
void silc_fix_checksum(uint8_t *bytes, size_t size);

#endif
