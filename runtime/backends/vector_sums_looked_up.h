/*
 * ADD.B in vectors that can be tables, for vector_loops.h.
 *
 * As vector_sums_computed.h says, the sum of two bytes is the greater one times a factor, which is
 * 1 unless their rhos are equal or differ by 1, and then depends on the difference of their thetas
 * alone. So each factor is a byte of one of two tables, and the product that of MUL.B. A factor has
 * its rho without bias: the table for equal rhos has rho + 1, 0 or - 1 and the theta halfway.
 */

/* The same 16 bytes all over. */
INLINE bytes table(const uint8_t entries[16])
{
	bytes t;
	for (unsigned i = 0; i < sizeof t; i += 16)
		memcpy((uint8_t *)&t + i, entries, 16);
	return t;
}

/* By the turn from the greater byte to the other one: theta(y) - theta(x) modulo 16. */
static const uint8_t factors_equal[16] = {
        0x10, 0x11, 0x11, 0x12, 0x02, 0x03, 0x03, 0xF4, 0, 0xFD, 0x0D, 0x0E, 0x0E, 0x1F, 0x1F, 0x10};
static const uint8_t factors_next[16] = {0, 0, 1, 1, 1, 1, 1, 1, 0, 15, 15, 15, 15, 15, 15, 0};
/* Equal rhos below which the sum is null. */
static const uint8_t null_equal[16] = {0, 0, 0, 0, 0, 0, 0x10, 0x10, 0xFF, 0x10, 0x10, 0, 0, 0, 0, 0};

INLINE bytes op_add(bytes x, bytes y)
{
	const bytes unit = (bytes){0} + 0x10;
	bytes big = most(x, y), small = least(x, y), rho = big & 0xF0;
	bytes distance = rho - (small & 0xF0), turn = ((small - big) & 0x0F) | 0x70;
	/* From 0x10 on a distance sets the top bit. */
	bytes equal = ADD_UNSIGNED_CLAMPED(distance, turn), next = ADD_UNSIGNED_CLAMPED(distance - unit, turn);
	bytes factor = LOOK_UP(table(factors_equal), equal) | LOOK_UP(table(factors_next), next);
	bytes sum = make(ADD_CLAMPED(big ^ 0x80, factor & 0xF0), big + factor);
	return sum & ~(bytes)(rho < LOOK_UP(table(null_equal), equal));
}
