/*
 * The features of a RISC-V processor on Linux. Linux passes extensions with a letter to programs
 * when they start, and from version 6.4 on it answers questions about others.
 */
#include "platform.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From <asm/hwprobe.h>, which some systems' headers do not have yet. */
enum { HWPROBE = 258, IMA_EXT_0 = 4, NONE = 64 };
typedef struct probe {
	int64_t key;
	uint64_t value;
} probe;

static const struct feature {
	char name[12], letter;
	uint8_t bit;
	uint32_t vector;
} features[] = {
#define FEATURE(name, letter, bit, vector) {name, letter, bit, vector},
#include "features_riscv.def"
};

static bool has_letter(char letter) { return letter && getauxval(AT_HWCAP) >> (letter - 'a') & 1; }

static bool has_bit(unsigned bit)
{
	probe asked = {IMA_EXT_0, 0};
	if (bit == NONE || syscall(HWPROBE, &asked, 1, 0, NULL, 0) != 0)
		return false;
	return asked.key == IMA_EXT_0 && asked.value >> bit & 1;
}

/*
 * The number of bits of a vector. The register vlenb, its number of bytes, exists with the smallest
 * set of vector instructions.
 */
static uint64_t vector_length(void)
{
	enum { ZVE32X = 37 };
	uint64_t bytes = 0;
	if (has_letter('v') || has_bit(ZVE32X))
		__asm__ volatile("csrr %0, 0xC22" : "=r"(bytes));
	return 8 * bytes;
}

bool vsp_plat_feature(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
		const struct feature *f = &features[i];
		if (strlen(f->name) != length || memcmp(f->name, name, length) != 0)
			continue;
		if (has_letter(f->letter) || has_bit(f->bit))
			return true;
		return f->vector && vector_length() >= f->vector;
	}
	return false;
}
