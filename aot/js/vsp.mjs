/*
 * Programs compiled by `vspc --aot prog.sil -o prog.wasm`, from JavaScript: Node.js 18 or later,
 * browsers, and every other engine that has WebAssembly with BigInt. Only this file is needed;
 * docs/aot.md has the interface.
 *
 * One WebAssembly instance holds one instance of the program. Its entry points are those of
 * include/vsp/vsp_aot.h, so the offsets in structs and the numbers in this file follow that header
 * on a target with 32-bit pointers; aot/runtime/wasm.c checks the offsets when it is compiled.
 * Views of memory are made anew for each use, since memory that grows detaches them.
 */

/* Not a global in Node.js 18. */
const webcrypto = globalThis.crypto ?? (await import('node:crypto')).webcrypto;

/* enum vsp_status, from 0 */
const STATUS = ['ok', 'halted', 'trapped', 'argument', 'memory', 'io', 'format', 'syntax', 'link', 'unsupported', 'host'];
/* enum vsp_trap, from 0 */
export const TRAPS = ['NONE', 'OUT_OF_BOUNDS', 'STACK_OVERFLOW', 'CALL_DEPTH', 'DIV_BY_ZERO', 'BAD_FUNCTION', 'EXPLICIT', 'FUEL',
	'INTERRUPTED', 'BACKEND', 'HOST', 'DENIED', 'UNSUPPORTED', 'BAD_MODE'];
/* VSP_CAP_*, bit by bit */
const CAPABILITIES = ['stdio', 'args', 'clock', 'random', 'models', 'gpu', 'npu'];

const OK = 0, HALTED = 1, E_HOST = 10, NO_PC = 0xFFFFFFFF, ABI_VERSION = 1;
const TRAP_UNSUPPORTED = TRAPS.indexOf('UNSUPPORTED'), FAILED = -1000; /* a negative number that is no trap: HOST */
const WORDS = 16, CONFIG = {size: 48, capabilities: 8, maxMemory: 16, fuel: 24, host: 32};
const DESCRIPTOR = {abi: 4, imports: 40, functions: 44, importTable: 48, functionTable: 52}, FUNCTION = {size: 20, params: 4, results: 8, exported: 16};
const ERROR = {size: 2024, code: 4, message: 8, file: 520, line: 776, column: 780, trap: 792, trapCode: 796, pc: 800, function: 804, frames: 868,
	trace: 872, frame: 72};

/* Members of vsp_host in their order, each 4 bytes, after size and user: name here, and the
   types of its parameters (i 32 bits, l 64 bits). */
const HOST = [['yield', 'ii'], ['in', 'iii'], ['out', 'iii'], ['sense', 'iii'], ['act', 'iii'], ['sync', 'ii'], ['broadcast', 'iii'],
	['receive', 'iiii'], ['entangle', 'iiill'], ['print', 'iii'], ['readLine', 'iiii'], ['argCount', null], ['args', null],
	['clockNs', 'ii'], ['randomU64', 'ii'], ['flush', 'i']];
const HOST_SIZE = 8 + 4 * HOST.length;

/** A trap, a halt inside call(), or a call that could not be made. */
export class VspError extends Error {
	constructor(details, cause) {
		super(details.message, cause === undefined ? undefined : {cause});
		this.name = 'VspError';
		for (const [key, value] of Object.entries(details))
			if (key !== 'message')
				this[key] = value;
	}
}

/* ---- failures: every failure is a VspError; the thrown value is its cause ---- */

const failure = (status, message, cause) => new VspError({status, message}, cause);

const sayWhy = (error) => (error instanceof Error ? error.message : String(error));

/* The result of attempt. A value that it throws becomes a VspError, unless it is one. */
function checked(status, what, attempt) {
	try {
		return attempt();
	} catch (error) {
		throw error instanceof VspError ? error : failure(status, `${what}: ${sayWhy(error)}`, error);
	}
}

/* The same of a promise. */
async function settled(status, what, attempt) {
	try {
		return await attempt();
	} catch (error) {
		throw error instanceof VspError ? error : failure(status, `${what}: ${sayWhy(error)}`, error);
	}
}

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/* A 64-bit integer from a BigInt, or from a number or text that is an integer. */
function toInteger(value, what) {
	if (typeof value !== 'bigint' && typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'boolean')
		throw failure('argument', `${what} is ${value === null ? 'null' : `of type ${typeof value}`}, but must be an integer, such as 5n`);
	try {
		return BigInt(value);
	} catch (error) {
		throw failure('argument', `${what} is ${JSON.stringify(value)}, but must be an integer, such as 5n`, error);
	}
}

/* Bytes of a Response, which may report a failure itself. */
async function bytesOf(response) {
	if (!response.ok)
		throw failure('io', `the module cannot be fetched: status ${response.status} ${response.statusText}`);
	return settled('io', 'the module cannot be fetched', () => response.arrayBuffer());
}

/** A WebAssembly.Module from bytes, from a Response (or a promise of one), or from a module. */
export async function compile(source) {
	const from = await settled('io', 'the module cannot be had', () => source);
	if (from instanceof WebAssembly.Module)
		return from;
	const bytes = typeof Response !== 'undefined' && from instanceof Response ? await bytesOf(from) : from;
	return settled('format', 'this is no WebAssembly module', () => WebAssembly.compile(bytes));
}

/* Modules made by vspc have these exports; other modules are not run. */
const NEEDED = {memory: WebAssembly.Memory, __indirect_function_table: WebAssembly.Table, __stack_pointer: WebAssembly.Global,
	vsp_aot_module: WebAssembly.Global};
const NEEDED_FUNCTIONS = ['_start', '__wasm_call_ctors', 'malloc', 'free', 'vsp_aot_instantiate', 'vsp_aot_run', 'vsp_aot_call', 'vsp_aot_free',
	'vsp_wasm_exhausted', 'vsp_wasm_command_exhausted'];

/* The WebAssembly instance of a module; the system gets its memory. */
async function start(module, system) {
	const imports = wasiImports(module, system);
	const instance = await settled('link', 'the module cannot be instantiated', () => WebAssembly.instantiate(module, imports));
	const all = instance.exports;
	const missing = Object.keys(NEEDED).find((name) => !(all[name] instanceof NEEDED[name])) ??
		NEEDED_FUNCTIONS.find((name) => typeof all[name] !== 'function');
	if (missing)
		throw failure('format', `the module does not export ${missing}: it was not made by vspc --aot`);
	system.memory = all.memory;
	return instance;
}

/* * A new instance of the program; see docs/aot.md for the options. Rejects with a VspError when
   there cannot be one. */
export async function instantiate(source, options = {}) {
	if (!isObject(options))
		throw failure('argument', 'the options of an instance are an object');
	const module = await compile(source), system = {};
	const instance = await start(module, system);
	return checked('argument', 'the options of an instance cannot be used', () => new Instance(instance, options));
}

/*
 * A function of the signature that WebAssembly code calls through its table. Engines make those
 * only from modules, so a module that imports fn and exports it again is put together here. All
 * have a result of 32 bits.
 */
function nativeFunction(signature, fn) {
	const params = [...signature].map((letter) => (letter === 'l' ? 0x7E : 0x7F));
	const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, /* magic, version */
		1, 5 + params.length, 1, 0x60, params.length, ...params, 1, 0x7F, /* its type */
		2, 7, 1, 1, 0x65, 1, 0x66, 0, 0, /* import e.f */
		7, 5, 1, 1, 0x66, 0, 0); /* export f */
	return new WebAssembly.Instance(new WebAssembly.Module(bytes), {e: {f: fn}}).exports.f;
}

const toWord = (value, what = 'a value') => BigInt.asIntN(64, toInteger(value, what));
const encode = (text) => new TextEncoder().encode(text);
const toBytes = (text) => (typeof text === 'string' ? encode(text) : text);

/* Deep recursion ends in an exception of the engine's own; each engine has its words for it. No
   regular expression, which needs stack itself. */
const isExhausted = (error) => (error instanceof RangeError || error?.name === 'InternalError') &&
	(error.message.includes('call stack') || error.message.includes('recursion'));

class Instance {
	#exports;
	#handle = 0;
	#scratch; /* WORDS words of arguments, WORDS of results */
	#functions = new Map();
	#importTable = [];
	#depth = 0; /* runs and calls on the stack */
	#thrown; /* by a callback */
	#exhausted = false;

	constructor(instance, options) {
		this.#exports = instance.exports;
		this.#exports.__wasm_call_ctors();
		this.#readDescriptor();
		this.#scratch = this.#allocate(2 * 8 * WORDS);
		this.#create(options);
		for (const [name, fn] of Object.entries(options.imports ?? {})) {
			if (typeof fn !== 'function')
				throw failure('argument', `the import '${name}' is no function`);
			this.#defineImport(name, fn);
		}
	}

	/* ---- memory of the module ---- */

	/* A freed instance may not be used. */
	get #live() {
		if (!this.#handle)
			throw failure('argument', 'the instance has been freed');
		return this.#handle;
	}

	get #view() { return new DataView(this.#exports.memory.buffer); }

	#bytes(at, length) { return new Uint8Array(this.#exports.memory.buffer, at >>> 0, length); }

	#allocate(size) {
		const at = this.#exports.malloc(size) >>> 0;
		if (!at)
			throw new VspError({message: 'out of memory', status: 'memory'});
		this.#bytes(at, size).fill(0);
		return at;
	}

	#text(at, limit = Infinity) {
		const bytes = new Uint8Array(this.#exports.memory.buffer);
		let end = at >>> 0;
		while (bytes[end] && end - at < limit)
			end++;
		return new TextDecoder().decode(bytes.subarray(at, end));
	}

	#newText(text) {
		const bytes = toBytes(text), at = this.#allocate(bytes.length + 1);
		this.#bytes(at, bytes.length).set(bytes);
		return at;
	}

	/* ---- creation ---- */

	#readDescriptor() {
		const view = this.#view, module = this.#exports.vsp_aot_module.value;
		const word = (at) => view.getUint32(at, true);
		const abi = word(module + DESCRIPTOR.abi);
		if (abi !== ABI_VERSION)
			throw new VspError({status: 'unsupported', message: `the program has version ${abi} of the interface of compiled programs, but vsp.mjs has version ${ABI_VERSION}`});
		const read = (count, table) => Array.from({length: count}, (_, i) => {
			const at = table + i * FUNCTION.size;
			return {name: this.#text(word(at)), params: word(at + FUNCTION.params), results: word(at + FUNCTION.results), exported: word(at + FUNCTION.exported)};
		});
		this.#importTable = read(word(module + DESCRIPTOR.imports), word(module + DESCRIPTOR.importTable));
		for (const f of read(word(module + DESCRIPTOR.functions), word(module + DESCRIPTOR.functionTable)))
			if (f.exported)
				this.#functions.set(f.name, f);
	}

	#create(options) {
		const capabilities = capabilityBits(options.capabilities ?? []);
		const maxMemory = BigInt.asUintN(64, toInteger(options.maxMemory ?? 0, 'maxMemory')), fuel = toWord(options.fuel ?? 0, 'fuel');
		if (options.host !== undefined && options.host !== null && !isObject(options.host))
			throw failure('argument', 'host is no object');
		const config = this.#allocate(CONFIG.size), error = this.#allocate(ERROR.size);
		const host = options.host ? this.#makeHost(options.host) : 0, view = this.#view;
		view.setUint32(config, CONFIG.size, true);
		view.setUint32(config + 4, ABI_VERSION, true);
		view.setUint32(config + CONFIG.capabilities, capabilities, true);
		view.setBigUint64(config + CONFIG.maxMemory, maxMemory, true);
		view.setBigInt64(config + CONFIG.fuel, fuel, true);
		view.setUint32(config + CONFIG.host, host, true);
		view.setUint32(error, ERROR.size, true);
		this.#handle = this.#exports.vsp_aot_instantiate(config, error);
		const details = this.#readError(error);
		for (const at of [config, error, host])
			this.#exports.free(at);
		if (!this.#handle)
			throw new VspError(details);
	}

	/* vsp_host with the host's functions; the instance keeps a copy. */
	#makeHost(host) {
		const wrong = HOST.find(([name, signature]) => signature && host[name] !== undefined && host[name] !== null && typeof host[name] !== 'function');
		if (wrong)
			throw failure('argument', `host.${wrong[0]} is no function`);
		if (!Array.isArray(host.args ?? []) || !(host.args ?? []).every((text) => typeof text === 'string' || text instanceof Uint8Array))
			throw failure('argument', 'host.args is no array of strings');
		const at = this.#allocate(HOST_SIZE), args = (host.args ?? []).map((text) => this.#newText(text));
		const list = this.#allocate(4 * args.length + 4);
		this.#view.setUint32(at, HOST_SIZE, true);
		args.forEach((text, i) => this.#view.setUint32(list + 4 * i, text, true));
		HOST.forEach(([name, signature], i) => {
			const value = name === 'argCount' ? args.length : name === 'args' ? list : host[name] ? this.#hostFunction(host, name, signature) : 0;
			this.#view.setUint32(at + 8 + 4 * i, value, true);
		});
		return at;
	}

	/* Index in the table of a callback. */
	#addFunction(signature, fn) {
		const table = this.#exports.__indirect_function_table, index = table.grow(1);
		table.set(index, nativeFunction(signature, fn));
		return index;
	}

	/* Callbacks must return; a value that they throw is kept for the error with which the run
	   ends. */
	#guard(fn, failed) {
		return (...args) => {
			let status;
			try {
				status = fn(...args);
			} catch (error) {
				this.#exhausted ||= isExhausted(error);
				this.#thrown = this.#exhausted ? undefined : error;
				status = failed;
			}
			if (this.#exhausted) /* a call from the callback left frames behind that cannot go on */
				throw new RangeError('the call stack is used up');
			return status;
		};
	}

	#hostFunction(host, name, signature) {
		const adapt = hostAdapters[name], call = host[name].bind(host);
		const memory = {
			byteAt: (at, value) => this.#view.setUint8(at, value),
			int32: (at, value) => this.#view.setInt32(at, value, true),
			int64: (at, value) => this.#view.setBigInt64(at, toWord(value), true),
			copy: (at, length) => this.#bytes(at, length).slice(),
			store: (at, bytes) => this.#bytes(at, bytes.length).set(bytes),
		};
		return this.#addFunction(signature, this.#guard((user, ...args) => adapt(call, memory, ...args), FAILED));
	}

	#defineImport(name, fn) {
		const found = this.#importTable.find((f) => f.name === name);
		if (!found)
			return;
		const index = this.#addFunction('iiii', this.#guard((user, caller, args, results) => {
			const returned = fn.apply(this, this.#words(args, found.params));
			const list = found.results === 1 ? [returned] : found.results ? [...returned] : [];
			if (list.length !== found.results)
				throw new TypeError(`'${name}' returns ${list.length} values instead of ${found.results}`);
			list.forEach((value, i) => this.#view.setBigInt64(results + 8 * i, toWord(value), true));
			return OK;
		}, E_HOST));
		const text = this.#newText(name);
		const status = this.#exports.vsp_aot_define_import(this.#handle, text, found.params, found.results, index, 0);
		this.#exports.free(text);
		if (status !== OK)
			throw this.#error(status);
	}

	/* ---- running ---- */

	#words(at, count) { return Array.from({length: count}, (_, i) => this.#view.getBigInt64(at + 8 * i, true)); }

	/* Runs enter, which returns a status. An engine whose stack is used up unwinds all frames
	   of the module; so does this code up to the outermost run. */
	#enter(enter) {
		this.#live;
		const pointer = this.#exports.__stack_pointer, sp = pointer.value;
		this.#thrown = this.#depth ? this.#thrown : undefined;
		this.#depth++;
		try {
			return enter();
		} catch (error) {
			if (!isExhausted(error))
				throw error instanceof VspError ? error : failure('host', `the engine ended the run: ${sayWhy(error)}`, error);
			this.#exhausted = true;
			if (this.#depth > 1)
				throw error;
			pointer.value = sp;
			this.#exhausted = false;
			return this.#exports.vsp_wasm_exhausted(this.#handle);
		} finally {
			this.#depth--;
		}
	}

	/** Runs the entry function; the exit status of the program, 0 unless it sets one. */
	run() {
		const status = this.#enter(() => this.#exports.vsp_aot_run(this.#handle));
		if (status !== OK)
			throw this.#error(status);
		return Math.max(this.#exports.vsp_aot_exit_code(this.#handle), 0);
	}

	/** Calls an exported function: BigInts in, nothing, a BigInt or an array of them out. */
	call(name, ...args) {
		const found = this.#functions.get(name);
		if (!found)
			throw new VspError({status: 'argument', message: `the program exports no function '${name}'`});
		if (args.length !== found.params)
			throw new VspError({status: 'argument', message: `'${name}' takes ${found.params} arguments, but ${args.length} were given`});
		const scratch = this.#scratch, results = scratch + 8 * WORDS, view = this.#view;
		this.#live;
		args.map((value, i) => toWord(value, `argument ${i} of '${name}'`)).forEach((word, i) => view.setBigInt64(scratch + 8 * i, word, true));
		const status = this.#enter(() => this.#callFunction(name, scratch, results));
		if (status !== OK)
			throw this.#error(status);
		const values = this.#words(results, found.results);
		return values.length > 1 ? values : values[0];
	}

	#callFunction(name, args, results) {
		if (Object.hasOwn(this.#exports, name))
			return this.#exports[name](this.#handle, args, results);
		const text = this.#newText(name); /* the entry, when it is called main */
		const status = this.#exports.vsp_aot_call(this.#handle, text, args, results);
		this.#exports.free(text);
		return status;
	}

	/** Makes the run, or else the next one, trap INTERRUPTED soon: for callbacks. */
	interrupt() { this.#exports.vsp_aot_interrupt(this.#live); }

	/** Back to the state after loading; needed after an interrupt. */
	reset() {
		const status = this.#exports.vsp_aot_reset(this.#live);
		if (status !== OK)
			throw this.#error(status);
	}

	/** Ends the instance; nothing of it may be used afterwards. Not from a callback. */
	free() {
		if (this.#depth)
			throw failure('argument', 'the instance is running');
		if (this.#handle)
			this.#exports.vsp_aot_free(this.#handle);
		this.#handle = 0;
	}

	/* ---- state ---- */

	/** Names and signatures of the exported functions. */
	get functions() { return [...this.#functions.values()].map(({name, params, results}) => ({name, params, results})); }

	/** Names and signatures of the functions the program needs from its host. */
	get imports() { return this.#importTable.map(({name, params, results}) => ({name, params, results})); }

	/* * Linear memory as a Uint8Array; the first 64 KiB must not be touched. To be fetched
	   again after a run or call. */
	get memory() {
		const base = this.#exports.vsp_aot_memory(this.#live, this.#scratch) >>> 0;
		return this.#bytes(base, Number(this.#view.getBigUint64(this.#scratch, true)));
	}

	/* * R0 to R15 of the activation that ended the last run or call, as a BigInt; 0n after a
	   trap. */
	register(index) {
		if (!Number.isInteger(index) || index < 0 || index >= WORDS)
			throw failure('argument', 'registers have numbers from 0 to 15');
		return BigInt.asIntN(64, this.#exports.vsp_aot_register(this.#live, index));
	}

	/** The code when the last run or call ended by SYSCALL exit, else null. */
	get exitCode() {
		const code = this.#exports.vsp_aot_exit_code(this.#live);
		return code < 0 ? null : code;
	}

	/* * The error of the last run or call, empty unless it failed: the properties of a
	   VspError, and its message. */
	lastError() { return this.#readError(this.#exports.vsp_aot_last_error(this.#live)); }

	#readError(at) {
		const view = this.#view, word = (offset) => view.getUint32(at + offset, true);
		const known = (value) => (value === NO_PC ? null : value);
		const trace = Array.from({length: word(ERROR.frames)}, (_, i) => {
			const frame = at + ERROR.trace + i * ERROR.frame;
			return {pc: known(view.getUint32(frame, true)), line: view.getUint32(frame + 4, true) || null, function: this.#text(frame + 8, 64)};
		});
		return {message: this.#text(at + ERROR.message, 512), status: STATUS[word(ERROR.code)], trap: word(ERROR.trap) ? TRAPS[word(ERROR.trap)] : null,
			trapCode: word(ERROR.trapCode), pc: known(word(ERROR.pc)), function: this.#text(at + ERROR.function, 64), file: this.#text(at + ERROR.file, 256),
			line: word(ERROR.line) || null, column: word(ERROR.column) || null, trace};
	}

	#error(status) {
		if (status === HALTED)
			return new VspError({status: 'halted', message: 'the program ended inside the call', exitCode: this.exitCode});
		return new VspError(this.lastError(), this.#thrown);
	}
}

function capabilityBits(names) {
	if (!Array.isArray(names))
		throw failure('argument', 'capabilities is no array of names');
	return names.reduce((bits, name) => {
		const bit = CAPABILITIES.indexOf(name);
		if (bit < 0)
			throw new VspError({status: 'argument', message: `'${name}' is no capability; there are ${CAPABILITIES.join(', ')}`});
		return bits | 1 << bit;
	}, 0);
}

/* ---- callbacks of the host: JavaScript values for C's parameters; see vsp_host. undefined: not
   supported. ---- */

const done = () => OK;
const ifSupported = (value, store) => (value === undefined ? -TRAP_UNSUPPORTED : done(store(value)));
const supported = (value) => (value === false ? -TRAP_UNSUPPORTED : OK);

const hostAdapters = {
	yield: (call) => done(call()),
	in: (call, memory, port, value) => ifSupported(call(port), (byte) => memory.int32(value, byte ?? -1)),
	out: (call, memory, port, value) => supported(call(port, value & 0xFF)),
	sense: (call, memory, sensor, value) => ifSupported(call(sensor), (byte) => memory.int32(value, byte ?? -1)),
	act: (call, memory, actuator, value) => supported(call(actuator, value & 0xFF)),
	sync: (call, memory, id) => supported(call(id >>> 0)),
	broadcast: (call, memory, channel, state) => supported(call(channel >>> 0, memory.copy(state, 16))),
	receive: (call, memory, channel, state, received) => ifSupported(call(channel >>> 0), (bytes) => {
		memory.int32(received, bytes ? 1 : 0);
		if (bytes)
			memory.store(state, bytes.subarray(0, 16));
	}),
	entangle: (call, memory, a, b, valueA, valueB) => supported(call(a, b, valueA, valueB)),
	print: (call, memory, text, length) => done(call(memory.copy(text, length >>> 0))),
	readLine: (call, memory, buffer, size, length) => {
		const line = call(), bytes = line === null || line === undefined ? null : toBytes(line).subarray(0, size >>> 0);
		memory.int64(length, bytes ? bytes.length : -1);
		if (bytes)
			memory.store(buffer, bytes);
		return OK;
	},
	clockNs: (call, memory, ns) => done(memory.int64(ns, call())),
	randomU64: (call, memory, value) => done(memory.int64(value, call())),
	flush: (call) => done(call()),
};

/* ---- the system: the few functions of WASI that programs need, and libvsp in WebAssembly ---- */

const WASI = {SUCCESS: 0, EBADF: 8, EINVAL: 28, ENOSYS: 52, ESPIPE: 70};

/** Thrown to leave a command that exits. */
class Exit {
	constructor(status) { this.status = status; }
}

/* The imports of a module; system.memory is set when there is an instance. */
function wasiImports(module, system) {
	const functions = wasiFunctions(system), wasi = {};
	for (const {module: from, name} of WebAssembly.Module.imports(module)) {
		if (from !== 'wasi_snapshot_preview1')
			throw failure('format', `the module imports ${from}.${name}: it was not made by vspc --aot`);
		wasi[name] = functions[name] ?? (() => WASI.ENOSYS);
	}
	return {wasi_snapshot_preview1: wasi};
}

export function wasiFunctions(system) {
	const view = () => new DataView(system.memory.buffer);
	const bytes = (at, length) => new Uint8Array(system.memory.buffer, at >>> 0, length >>> 0);
	const each = (list, count, fn) => {
		for (let i = 0; i < count; i++) {
			const part = bytes(view().getUint32(list + 8 * i, true), view().getUint32(list + 8 * i + 4, true));
			if (!fn(part))
				return;
		}
	};
	const args = () => (system.args ?? []).map((text) => [...encode(text), 0]);
	const env = () => Object.entries(system.env ?? {}).map(([name, value]) => [...encode(`${name}=${value}`), 0]);
	const sizes = (texts) => (count, size) => {
		view().setUint32(count, texts().length, true);
		view().setUint32(size, texts().flat().length, true);
		return WASI.SUCCESS;
	};
	const copies = (texts) => (list, buffer) => {
		for (const text of texts()) {
			view().setUint32(list, buffer, true);
			bytes(buffer, text.length).set(text);
			list += 4;
			buffer += text.length;
		}
		return WASI.SUCCESS;
	};
	return {
		args_sizes_get: sizes(args),
		args_get: copies(args),
		/* Without an environment wasi-libc ends the program at its first look at it. */
		environ_sizes_get: sizes(env),
		environ_get: copies(env),
		clock_time_get(id, precision, at) {
			const now = id === 0 ? Date.now() : performance.now();
			view().setBigUint64(at, BigInt(Math.round(now * 1e6)), true);
			return WASI.SUCCESS;
		},
		random_get(at, length) {
			for (let done = 0; done < length; done += 65536)
				webcrypto.getRandomValues(bytes(at + done, Math.min(65536, length - done)));
			return WASI.SUCCESS;
		},
		fd_read(fd, list, count, read) {
			let total = 0;
			if (fd !== 0 || !system.read)
				return WASI.EBADF;
			each(list, count, (part) => {
				const got = part.length ? system.read(part) : 0;
				total += got;
				return got === part.length;
			});
			view().setUint32(read, total, true);
			return WASI.SUCCESS;
		},
		fd_write(fd, list, count, written) {
			let total = 0;
			if ((fd !== 1 && fd !== 2) || !system.write)
				return WASI.EBADF;
			each(list, count, (part) => {
				system.write(fd, part);
				total += part.length;
				return true;
			});
			view().setUint32(written, total, true);
			return WASI.SUCCESS;
		},
		fd_seek: () => WASI.ESPIPE,
		fd_close: () => WASI.SUCCESS,
		fd_fdstat_get(fd, at) {
			bytes(at, 24).fill(0);
			view().setUint8(at, system.isTerminal?.(fd) ? 2 : 6); /* a character device or a socket */
			return fd <= 2 ? WASI.SUCCESS : WASI.EBADF;
		},
		proc_exit(status) { throw new Exit(status); },
	};
}

/**
 * Runs the program as a command, as `vspc --run` does, and resolves to its exit status: 0 or the
 * program's own, 1 after a trap, 2 when it cannot run. options: args, the program's arguments with
 * its name first; env, an object of the variables that --env=NAME passes on; read(buffer), which
 * fills a Uint8Array from stdin and returns how many bytes, 0 at the end; write(fd, bytes), for
 * stdout and stderr (1 and 2), whose bytes are to be used at once; isTerminal(fd), when that is
 * known.
 */
export async function command(source, options = {}) {
	const system = {args: ['program'], ...options}, module = await compile(source);
	const {exports} = await start(module, system);
	const sp = exports.__stack_pointer.value;
	try {
		try {
			exports._start();
		} catch (error) {
			if (!isExhausted(error))
				throw error;
			exports.__stack_pointer.value = sp;
			exports.vsp_wasm_command_exhausted();
		}
	} catch (error) {
		if (error instanceof Exit)
			return error.status;
		throw error instanceof VspError ? error : failure('host', `the engine ended the program: ${sayWhy(error)}`, error);
	}
	return 0;
}
