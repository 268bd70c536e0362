/*
 * The identity of x86-64 processors, from the processor itself (CPUID; Intel SDM volume 2, AMD APM
 * volume 3): maker, model and every leaf of feature bits, and the features that the system lets
 * programs use (XCR0). Values that differ from core to core or run to run, such as the APIC's
 * number in leaf 1, are left out. In virtual machines each question costs microseconds, so leaves
 * that few processors have are asked for only if a bit says that they exist.
 */
#include "platform.h"

#include <assert.h>
#include <cpuid.h>
#include <string.h>

enum { EAX, EBX, ECX, EDX };
enum { LEAVES = 10 };

typedef struct answers {
	uint32_t leaf[LEAVES][4];
	unsigned count;
} answers;

/*
 * Asks for a leaf if it exists, and keeps its place if it does not. Only the registers in mask (bit
 * 0 is EAX and so on) count.
 */
static const uint32_t *ask(answers *a, bool there, uint32_t number, uint32_t sub, unsigned mask)
{
	uint32_t r[4] = {0}, *kept = a->leaf[a->count++];
	if (there)
		__cpuid_count(number, sub, r[EAX], r[EBX], r[ECX], r[EDX]);
	for (unsigned i = 0; i < 4; i++)
		kept[i] = mask >> i & 1 ? r[i] : 0;
	return kept;
}

static uint64_t system_state(void)
{
	uint32_t low, high;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

/* Returns whether XCR0 can be read. */
static bool ask_all(answers *a)
{
	enum { OSXSAVE = 1 << 27, TRACE = 1 << 25, KEY_LOCKER = 1 << 23, AVX10 = 1 << 19 };
	enum { A = 1 << EAX, B = 1 << EBX, C = 1 << ECX, D = 1 << EDX, ALL = A | B | C | D };
	uint32_t most = ask(a, true, 0, 0, ALL)[EAX];
	const uint32_t *one = ask(a, true, 1, 0, A | C | D);
	const uint32_t *seven = ask(a, most >= 7, 7, 0, ALL), *more = ask(a, seven[EAX] >= 1, 7, 1, ALL);
	ask(a, most >= 0xD, 0xD, 1, A);
	ask(a, most >= 0x14 && seven[EBX] & TRACE, 0x14, 0, B);
	ask(a, most >= 0x19 && seven[ECX] & KEY_LOCKER, 0x19, 0, B);
	ask(a, most >= 0x24 && more[EDX] & AVX10, 0x24, 0, B);
	ask(a, true, 0x80000001, 0, C | D); /* every x86-64 processor has these two */
	ask(a, true, 0x80000008, 0, B);
	return one[ECX] & OSXSAVE;
}

size_t vsp_plat_processor(uint8_t out[VSP_PLAT_PROCESSOR])
{
	static_assert(sizeof(uint64_t) + LEAVES * 4 * sizeof(uint32_t) <= VSP_PLAT_PROCESSOR, "the leaves fit");
	answers a = {0};
	uint64_t state = ask_all(&a) ? system_state() : 0;
	memcpy(out, a.leaf, sizeof a.leaf);
	memcpy(out + sizeof a.leaf, &state, sizeof state);
	return sizeof a.leaf + sizeof state;
}

/* The brand string, whose spaces at both ends are for looks. */
void vsp_plat_processor_name(char *out, size_t size)
{
	enum { LEAVES_OF_NAME = 3 };
	uint32_t words[4 * LEAVES_OF_NAME + 1] = {0};
	for (uint32_t i = 0; i < LEAVES_OF_NAME; i++) {
		uint32_t *r = words + 4 * (size_t)i;
		if (!__get_cpuid(0x80000002u + i, &r[EAX], &r[EBX], &r[ECX], &r[EDX]))
			break;
	}
	const char *name = (const char *)words;
	name += strspn(name, " ");
	size_t n = strlen(name);
	while (n && name[n - 1] == ' ')
		n--;
	n = n < size ? n : size - 1;
	memcpy(out, name, n);
	out[n] = 0;
}
