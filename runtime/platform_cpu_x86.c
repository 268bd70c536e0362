/*
 * What x86 processors say of themselves (CPUID; Intel SDM volume 2, AMD APM volume 3): maker, model and every leaf of feature bits, and what the
 * system lets programs use of it (XCR0). Left out is what differs from core to core or run to run, such as the APIC's number in leaf 1.
 */
#include "platform.h"

#include <assert.h>
#include <cpuid.h>
#include <string.h>

/* Registers of a leaf that count: bits 0..3 are EAX, EBX, ECX and EDX. */
typedef struct leaf {
	uint32_t number, sub;
	unsigned registers;
} leaf;

static const leaf leaves[] = {
        {0, 0, 15},
        {1, 0, 13}, /* EBX has the APIC's number */
        {7, 0, 15},
        {7, 1, 15},
        {7, 2, 15},
        {0xD, 1, 1},
        {0x14, 0, 2},
        {0x19, 0, 2},
        {0x24, 0, 2},
        {0x80000001, 0, 12},
        {0x80000008, 0, 2},
};
enum { LEAVES = sizeof leaves / sizeof leaves[0] };

static uint64_t system_state(void)
{
	uint32_t low, high;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

size_t vsp_plat_processor(uint8_t out[VSP_PLAT_PROCESSOR])
{
	static_assert(sizeof(uint64_t) + LEAVES * 4 * sizeof(uint32_t) <= VSP_PLAT_PROCESSOR, "the leaves fit");
	enum { OSXSAVE = 1 << 27 };
	uint32_t words[LEAVES][4] = {{0}}, one[4] = {0};
	for (unsigned i = 0; i < LEAVES; i++) {
		uint32_t r[4] = {0};
		if (__get_cpuid_count(leaves[i].number, leaves[i].sub, &r[0], &r[1], &r[2], &r[3]))
			for (unsigned n = 0; n < 4; n++)
				words[i][n] = leaves[i].registers >> n & 1 ? r[n] : 0;
	}
	__get_cpuid(1, &one[0], &one[1], &one[2], &one[3]);
	uint64_t state = one[2] & OSXSAVE ? system_state() : 0;
	memcpy(out, words, sizeof words);
	memcpy(out + sizeof words, &state, sizeof state);
	return sizeof words + sizeof state;
}
