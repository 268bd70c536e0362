/*
 * Program and state in the URL: JSON of what differs from the start, deflated, in base64url, after
 * the # that servers never see.
 */
const pack = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const unpack = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

async function through(stream, bytes) {
	return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

const LIMIT = 1 << 20; /* of the text that a link may make */

/* state: {source, example, input, args, breakpoints, steps, address}; the source is left out when
   it is that of the example. */
export async function write(state) {
	const bytes = new TextEncoder().encode(JSON.stringify(state));
	return `#p=${pack(await through(new CompressionStream('deflate-raw'), bytes))}`;
}

/* null: there is none, or it is damaged. */
export async function read(hash) {
	const packed = hash.match(/^#p=([\w-]+)$/)?.[1];
	if (!packed)
		return null;
	try {
		const bytes = await through(new DecompressionStream('deflate-raw'), unpack(packed));
		const state = bytes.length > LIMIT ? null : JSON.parse(new TextDecoder().decode(bytes));
		return state && typeof state === 'object' ? state : null;
	} catch {
		return null;
	}
}
