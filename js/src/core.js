/*
 * The binding of vsp.wasm: an instance of the WebAssembly module, with its texts, blocks of memory
 * and callbacks. js/core/ in the sources of VSP is the other side. Views of memory are made anew
 * for each use, since memory that grows detaches them.
 */
import {VspError, wasiFunctions} from './compiled/vsp.mjs';

/* enum vsp_status by number, as properties of errors name them */
export const STATUS = ['ok', 'halted', 'trapped', 'argument', 'memory', 'io', 'format', 'syntax', 'link', 'unsupported', 'host'];
export const OK = 0, HALTED = 1, TRAPPED = 2, HOST_FAILED = 10, NO_PC = 0xFFFFFFFF;
const SEVERITIES = ['error', 'warning', 'note'];

const encoder = new TextEncoder(), decoder = new TextDecoder();
export const toBytes = (text) => (typeof text === 'string' ? encoder.encode(text) : new Uint8Array(text.buffer ?? text, text.byteOffset ?? 0, text.byteLength));
export const failure = (status, message, cause) => new VspError({status, message}, cause);

export class Core {
	#instance;
	#assembly = null; /* the one in progress: diagnostics, read, thrown */
	instances = new Map(); /* by number: the receivers of callbacks */
	#next = 1;

	constructor(module) {
		const system = {}, functions = wasiFunctions(system), wasi = {};
		for (const {module: from, name} of WebAssembly.Module.imports(module))
			if (from === 'wasi_snapshot_preview1')
				wasi[name] = functions[name] ?? (() => 52); /* ENOSYS */
		this.#instance = new WebAssembly.Instance(module, {vsp: this.#imports(), wasi_snapshot_preview1: {...wasi,
			fd_prestat_get: () => 8, /* EBADF: no folders */
			proc_exit: (status) => { throw failure('host', `the C library has ended with status ${status}`); }}});
		system.memory = this.exports.memory;
		this.exports._initialize();
		this.stack = this.exports.__stack_pointer.value;
	}

	get exports() { return this.#instance.exports; }
	get view() { return new DataView(this.exports.memory.buffer); }
	bytes(at, size) { return new Uint8Array(this.exports.memory.buffer, at >>> 0, size >>> 0); }

	text(at) {
		const all = new Uint8Array(this.exports.memory.buffer), start = at >>> 0;
		return decoder.decode(all.subarray(start, all.indexOf(0, start)));
	}

	/* A block that the caller frees, of the size or with the content. */
	block(content) {
		const size = typeof content === 'number' ? content : content.length, at = this.exports.core_alloc(size) >>> 0;
		if (!at)
			throw failure('memory', 'out of memory');
		this.bytes(at, size).fill(0);
		if (typeof content !== 'number')
			this.bytes(at, size).set(content);
		return at;
	}

	newText(text) { return this.block(encoder.encode(`${text}\0`)); }

	/* Calls fn with blocks for the contents, and frees them. */
	withBlocks(contents, fn) {
		const blocks = [];
		try {
			for (const content of contents)
				blocks.push(this.block(content));
			return fn(...blocks);
		} finally {
			blocks.forEach((at) => this.exports.core_free(at));
		}
	}

	/* Copies the text or file of core_bytes_free at an address. */
	take(at) {
		if (!at)
			throw this.lastError();
		const bytes = this.bytes(at, this.exports.core_last_size()).slice();
		this.exports.core_bytes_free(at);
		return bytes;
	}

	#imports() {
		return {
			diagnostic: (severity, file, line, column, length, message, source, sourceSize, suggestion) => {
				this.#assembly.diagnostics.push({severity: SEVERITIES[severity], file: this.text(file), line, column, length, message: this.text(message),
					source: decoder.decode(this.bytes(source, sourceSize)), suggestion: this.text(suggestion) || null});
			},
			read_file: (path, size) => {
				let content;
				try {
					content = this.#assembly.read(this.text(path));
				} catch (error) {
					this.#assembly.thrown ??= error;
					return 0;
				}
				if (content === null || content === undefined)
					return 0;
				const bytes = toBytes(content), at = this.block(bytes);
				this.view.setUint32(size, bytes.length, true);
				return at;
			},
			callback: (instance, ...rest) => this.instances.get(instance).callback(...rest),
			call_import: (instance, ...rest) => this.instances.get(instance).callImport(...rest),
		};
	}

	/* Calls fn, which assembles; reading a file may assemble something else meanwhile. */
	during(assembly, fn) {
		const outer = this.#assembly;
		this.#assembly = assembly;
		try {
			return fn();
		} finally {
			this.#assembly = outer;
		}
	}

	register(receiver) {
		const number = this.#next++;
		this.instances.set(number, receiver);
		return number;
	}

	/* The parts of the error of the last call. */
	lastError(cause, more) {
		const e = this.exports, known = (pc) => (pc >>> 0 === NO_PC ? null : pc >>> 0);
		const trace = Array.from({length: e.core_error_frames()}, (_, i) => ({pc: known(e.core_frame_pc(i)), line: e.core_frame_line(i) || null,
			function: this.text(e.core_frame_function(i))}));
		const trap = e.core_error_trap();
		return new VspError({message: this.text(e.core_error_message()), status: STATUS[e.core_error_code()], trap: trap ? this.text(e.core_trap_name(trap)) : null,
			trapCode: e.core_error_trap_code() >>> 0, pc: known(e.core_error_pc()), function: this.text(e.core_error_function()),
			file: this.text(e.core_error_file()), line: e.core_error_line() || null, column: e.core_error_column() || null, offset: e.core_error_offset(), trace, ...more}, cause);
	}
}
