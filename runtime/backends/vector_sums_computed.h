/*
 * ADD.B in vectors by arithmetic alone, for vector_loops.h.
 *
 * Sums need no table: with x the larger of the two, of which y is a rotation and a shrinking by
 * d = rho(x) - rho(y), the exact sum is x times 1 + e^-d e^(i*t*pi/8), t the difference of the
 * thetas. For d >= 2 that factor is too close to 1 to change rho or theta. For d = 1 only theta
 * moves, by at most 1, and for d = 0 the sum lies in the middle between the two. The bounds below
 * follow from the logarithms and angles of those few factors (docs/decisions.md).
 */
/*
 * x + y for equal rhos: theta goes halfway, up in the middle between two; rho goes up by 1 up to an
 * angle of 3, and down by 1 at 7; the sum of opposites is null, and so is a sum below e^-8. turn:
 * from x to y, -8..7.
 */
INLINE bytes sum_equal(bytes x, sbytes turn)
{
	bytes angle = (bytes)choose((bytes)(turn < 0), (bytes)-turn, (bytes)turn);
	bytes up = (bytes)(angle <= 3) & 1, down = (bytes)(angle == 7) & 1;
	bytes rho = least((x >> 4) + up, (bytes){0} + 15) - down;
	bytes sum = rho << 4 | ((x + (bytes)((turn + 1) >> 1)) & 0x0F);
	bytes null = (bytes)(angle == 8) | ((bytes)(x < 0x10) & (bytes)(angle >= 6));
	return ~null & sum;
}

/* The same where rho(x) = rho(y) + 1: theta moves toward y by 1 at angles from NEAR to FAR. */
INLINE bytes sum_next(bytes x, sbytes turn)
{
	enum { NEAR = 2, FAR = 7 };
	bytes ahead = (bytes)(turn >= NEAR) & (bytes)(turn <= FAR),
	      behind = (bytes)(turn <= -NEAR) & (bytes)(turn >= -FAR);
	return (x & 0xF0) | ((x - ahead + behind) & 0x0F); /* masks are -1 */
}

INLINE bytes op_add(bytes x, bytes y)
{
	bytes swap = (bytes)((x & 0xF0) < (y & 0xF0)), big = choose(swap, y, x), small = choose(swap, x, y);
	bytes distance = (big >> 4) - (small >> 4);
	sbytes turn = (sbytes)((small - big) << 4) >> 4;
	bytes close = choose((bytes)(distance == 0), sum_equal(big, turn), sum_next(big, turn));
	return choose((bytes)(distance >= 2), big, close);
}
