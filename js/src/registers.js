/*
 * The views of a register: every one of the 16 holds 64 bits, which instructions take for integers,
 * floats, or a ByteSil, a point in log-polar form.
 */

const scratch = new DataView(new ArrayBuffer(8));

/* The point of a byte: e^rho * e^(i * theta * pi / 8); rho -8 is null, which is 0. */
export function byteSil(byte) {
	const rho = (byte >> 4 & 15) - 8, theta = byte & 15, radius = rho === -8 ? 0 : Math.exp(rho), angle = theta * Math.PI / 8;
	return {byte: byte & 255, rho, theta, isNull: rho === -8, radius, angle,
		re: radius && radius * Math.cos(angle), im: radius && radius * Math.sin(angle)};
}

/* All views of 64 bits, given as a BigInt. */
export function views(value) {
	const signed = BigInt.asIntN(64, value), unsigned = BigInt.asUintN(64, value);
	scratch.setBigInt64(0, signed);
	return {signed, unsigned, hex: `0x${unsigned.toString(16).padStart(16, '0')}`, double: scratch.getFloat64(0), single: scratch.getFloat32(4),
		byteSil: byteSil(scratch.getUint8(7))};
}
