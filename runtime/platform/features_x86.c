/*
 * The features of an x86 processor, and whether the operating system saves their registers, from
 * CPUID and XCR0.
 */
#include "platform.h"

#include <cpuid.h>
#include <string.h>

enum { EAX, EBX, ECX, EDX };

/*
 * The registers that must be saved, as bits of XCR0 (Intel SDM volume 1, 13.3): SSE 1, AVX 2,
 * AVX-512 5 to 7, APX 19.
 */
enum { NONE = 0, AVX = 0x06, AVX512 = 0xE6, APX = 0x80000 };

static const struct feature {
	char name[20];
	uint32_t leaf;
	uint8_t subleaf, reg, bit;
	uint32_t state;
} features[] = {
#define FEATURE(name, leaf, subleaf, reg, bit, state) {name, leaf, subleaf, reg, bit, state},
#include "features_x86.def"
};

/* The registers that the operating system saves; 0 when it does not say. */
static uint64_t saved_states(void)
{
	enum { OSXSAVE = 27 };
	unsigned r[4], low, high;
	if (!__get_cpuid(1, &r[EAX], &r[EBX], &r[ECX], &r[EDX]) || !(r[ECX] >> OSXSAVE & 1))
		return 0;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

/* The register that CPUID returns; 0 when there is no such leaf. */
static uint32_t read_register(const struct feature *f)
{
	unsigned r[4] = {0};
	if (!__get_cpuid_count(f->leaf, 0, &r[EAX], &r[EBX], &r[ECX], &r[EDX]))
		return 0;
	if (f->subleaf > r[EAX]) /* in leaf 7, the only one with subleaves that is asked for */
		return 0;
	if (f->subleaf)
		__get_cpuid_count(f->leaf, f->subleaf, &r[EAX], &r[EBX], &r[ECX], &r[EDX]);
	return r[f->reg];
}

bool vsp_plat_feature(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
		const struct feature *f = &features[i];
		if (strlen(f->name) == length && memcmp(f->name, name, length) == 0)
			return read_register(f) >> f->bit & 1 && (saved_states() & f->state) == f->state;
	}
	return false;
}
