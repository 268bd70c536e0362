/*
 * One running copy of a program in the interpreter: its imports and host, runs and single steps,
 * and the state that it shows.
 */
import {VspError} from './compiled/vsp.mjs';
import {failure, HALTED, HOST_FAILED, NO_PC, OK, toBytes} from './core.js';
import {views} from './registers.js';

/* VSP_CAP_*, bit by bit */
const CAPABILITIES = ['stdio', 'args', 'clock', 'random', 'models', 'gpu', 'npu'];
/* enum core_callback: names of a host's functions in that order */
const CALLBACKS = ['yield', 'in', 'out', 'sense', 'act', 'sync', 'broadcast', 'receive', 'entangle', 'print', 'readLine', 'clockNs', 'randomU64', 'flush'];
/* enum vsp_run_end */
const ENDS = ['none', 'returned', 'halted', 'exited', 'trapped'];
const WORDS = 16, MEMORY_START = 0x10000;
const UNSUPPORTED = -12, FAILED = -1000; /* -VSP_TRAP_UNSUPPORTED; a negative number that is no trap: HOST */
const NESTED_MAX = 100; /* calls from callbacks within calls: engines do not tell how much stack is left */
const SLICE = 10_000; /* steps between looks at the clock */
const OUTPUT_MAX = 1 << 20;
const CODE_MAX = 2 ** 31; /* no code is so large */

const integer = (value, what) => {
	if (!['bigint', 'number', 'string', 'boolean'].includes(typeof value) || (typeof value === 'number' && !Number.isInteger(value)))
		throw failure('argument', `${what} is ${String(value)}, but must be an integer, such as 5n`);
	try {
		return BigInt(value);
	} catch (error) {
		throw failure('argument', `${what} is ${JSON.stringify(value)}, but must be an integer, such as 5n`, error);
	}
};
const word = (value, what) => BigInt.asIntN(64, integer(value, what));

/* Engines have different words for it. */
const isExhausted = (error) => error instanceof RangeError && error.message.includes('call stack') || error?.name === 'InternalError';

function list(value, what) {
	if (!Array.isArray(value))
		throw failure('argument', `${what} are no array`);
	return value;
}

function capabilityBits(names) {
	return names.reduce((bits, name) => {
		const bit = CAPABILITIES.indexOf(name);
		if (bit < 0)
			throw failure('argument', `'${name}' is no capability; there are ${CAPABILITIES.join(', ')}`);
		return bits | 1 << bit;
	}, 0);
}

/* The text of a program without a host of its own, as pieces of bytes. */
class Output {
	#pieces = [];
	#size = 0;

	clear() {
		this.#pieces = [];
		this.#size = 0;
	}
	add(bytes) {
		const kept = bytes.subarray(0, OUTPUT_MAX - this.#size);
		this.#pieces.push(kept);
		this.#size += kept.length;
	}
	get text() {
		const decoder = new TextDecoder();
		return this.#pieces.map((piece) => decoder.decode(piece, {stream: true})).join('') + decoder.decode();
	}
}

/** A host that keeps what the program prints, with the options' input lines for it. */
export function captureHost(output, input) {
	const bytes = input === undefined ? new Uint8Array() : toBytes(input);
	let at = 0;
	return {
		print: (text) => output.add(text),
		out: (port, byte) => (port === 0 ? output.add(Uint8Array.of(byte)) : false),
		act: (actuator, byte) => (actuator === 0 ? output.add(Uint8Array.of(byte)) : false),
		in: (port) => (port === 0 ? bytes[at++] ?? null : undefined),
		sense: (sensor) => (sensor === 0 ? bytes[at++] ?? null : undefined),
		readLine: () => {
			if (at >= bytes.length)
				return null;
			const end = bytes.indexOf(10, at), line = bytes.subarray(at, end < 0 ? bytes.length : end);
			at = end < 0 ? bytes.length : end + 1;
			return line;
		},
		rewind: () => { at = 0; },
	};
}

export {Output};

export class Instance {
	#core;
	#module;
	#handle = 0;
	#number;
	#host;
	#output = new Output();
	#captures;
	#imports = [];
	#blocks = []; /* that live as long as the instance */
	#depth = 0;
	#thrown; /* by a callback */
	#dead = false; /* the engine's stack was used up in it */
	#scratch;

	constructor(core, module, options) {
		if (options === null || typeof options !== 'object')
			throw failure('argument', 'the options of an instance are an object');
		this.#core = core;
		this.#module = module; /* which may be freed while the instance lives, so what is asked of it later is read now */
		void [module.functions, module.imports];
		this.#captures = !options.host;
		this.#host = options.host ?? captureHost(this.#output, options.input);
		this.#number = core.register({callback: (...rest) => this.#callback(...rest), callImport: (...rest) => this.#callImport(...rest)});
		try {
			this.#scratch = this.#keep(core.block(2 * 8 * WORDS));
			this.#create(options);
			Object.entries(options.imports ?? {}).forEach(([name, fn]) => this.#define(name, fn));
		} catch (error) {
			this.free();
			throw error;
		}
	}

	#keep(block) {
		this.#blocks.push(block);
		return block;
	}

	get #live() {
		if (!this.#handle)
			throw failure('argument', 'the instance has been freed');
		if (this.#dead)
			throw failure('argument', 'the engine\'s stack was used up in a run of this instance; only free() is left');
		return this.#handle;
	}

	#create(options) {
		const callbacks = CALLBACKS.reduce((bits, name, i) => (typeof this.#host[name] === 'function' ? bits | 1 << i : bits), 0);
		const args = list(options.args ?? [], 'arguments'), table = this.#keep(this.#core.block(4 * args.length));
		args.forEach((text, i) => this.#core.view.setUint32(table + 4 * i, this.#keep(this.#core.newText(text)), true));
		const fuel = options.fuel === undefined ? -1n : word(options.fuel, 'fuel');
		if (options.fuel !== undefined && fuel < 0n)
			throw failure('argument', 'fuel is negative');
		this.#handle = this.#core.exports.core_instantiate(this.#module.handle, this.#number, callbacks, args.length, table,
			capabilityBits(list(options.capabilities ?? ['stdio', 'args'], 'capabilities')), fuel, BigInt.asUintN(64, integer(options.maxMemory ?? 0, 'maxMemory')),
			Number(integer(options.maxDepth ?? 0, 'maxDepth')), options.deterministic ? 1 : 0, options.checkKernels ? 1 : 0);
		if (!this.#handle)
			throw this.#core.lastError();
	}

	#define(name, fn) {
		if (typeof fn !== 'function')
			throw failure('argument', `the import '${name}' is no function`);
		const found = this.#module.imports.find((each) => each.name === name);
		if (!found)
			return;
		const text = this.#core.newText(name), status = this.#core.exports.core_define(this.#handle, text, found.params, found.results,
			this.#keep(this.#core.block(8)), this.#number, this.#imports.length);
		this.#core.exports.core_free(text);
		this.#imports.push({...found, fn});
		if (status !== OK)
			throw this.#core.lastError();
	}

	/* ---- callbacks ---- */

	/* A value that fn throws is kept for the error with which the run ends. */
	#guard(fn, failed) {
		try {
			return fn();
		} catch (error) {
			if (isExhausted(error))
				throw error;
			this.#thrown = error;
			return failed;
		}
	}

	#callImport(number, args, results) {
		return this.#guard(() => {
			const {fn, name, params, results: count} = this.#imports[number];
			const returned = fn.apply(this, this.#words(args, params));
			const values = count === 1 ? [returned] : count ? [...returned] : [];
			if (values.length !== count)
				throw new TypeError(`'${name}' returns ${values.length} values instead of ${count}`);
			values.forEach((value, i) => this.#core.view.setBigInt64(results + 8 * i, word(value, `result ${i} of '${name}'`), true));
			return OK;
		}, HOST_FAILED);
	}

	#callback(number, a, b, at, other) {
		const name = CALLBACKS[number], call = (...args) => this.#host[name](...args), view = () => this.#core.view;
		const copy = (size) => this.#core.bytes(at, size).slice();
		const ifSupported = (value, store) => (value === undefined ? UNSUPPORTED : (store(value), OK));
		const supported = (value) => (value === false ? UNSUPPORTED : OK);
		const actions = {
			yield: () => (call(), OK),
			in: () => ifSupported(call(a >>> 0), (byte) => view().setInt32(at, byte ?? -1, true)),
			out: () => supported(call(a >>> 0, b & 255)),
			sense: () => ifSupported(call(a >>> 0), (byte) => view().setInt32(at, byte ?? -1, true)),
			act: () => supported(call(a >>> 0, b & 255)),
			sync: () => supported(call(a >>> 0)),
			broadcast: () => supported(call(a >>> 0, copy(16))),
			receive: () => ifSupported(call(a >>> 0), (bytes) => {
				view().setInt32(other, bytes ? 1 : 0, true);
				if (bytes)
					this.#core.bytes(at, 16).set(bytes.subarray(0, 16));
			}),
			entangle: () => supported(call(a >>> 0, b >>> 0, view().getBigInt64(at, true), view().getBigInt64(other, true))),
			print: () => (call(copy(a)), OK),
			readLine: () => {
				const line = call(), bytes = line === null || line === undefined ? null : toBytes(line).subarray(0, a >>> 0);
				view().setBigInt64(other, BigInt(bytes ? bytes.length : -1), true);
				if (bytes)
					this.#core.bytes(at, bytes.length).set(bytes);
				return OK;
			},
			clockNs: () => (view().setBigInt64(at, word(call(), 'clockNs'), true), OK),
			randomU64: () => (view().setBigInt64(at, word(call(), 'randomU64'), true), OK),
			flush: () => (call(), OK),
		};
		return this.#guard(actions[name], FAILED);
	}

	/* ---- runs ---- */

	#words(at, count) { return Array.from({length: count}, (_, i) => this.#core.view.getBigInt64(at + 8 * i, true)); }

	/* Runs enter, which returns a status, and turns failures into errors. */
	#enter(enter) {
		if (this.#depth >= NESTED_MAX)
			throw new VspError({status: 'trapped', trap: 'CALL_DEPTH', message: `more than ${NESTED_MAX} calls from callbacks within one another`, trace: []});
		const exports = this.#core.exports, stack = exports.__stack_pointer.value;
		this.#depth++;
		let status;
		try {
			status = enter(this.#live, exports);
		} catch (error) {
			if (!isExhausted(error))
				throw error;
			this.#dead = true;
			exports.__stack_pointer.value = stack;
			throw new VspError({status: 'trapped', trap: 'CALL_DEPTH', message: 'the engine\'s stack is used up', trace: []}, error);
		} finally {
			this.#depth--;
		}
		if (status !== OK && status !== HALTED)
			throw this.#failed();
		return status;
	}

	#failed() {
		const thrown = this.#thrown;
		this.#thrown = undefined;
		return this.#core.lastError(thrown);
	}

	/* Steps in slices until the end, a stop, limit steps, or the time is up. */
	#stepUntil({steps = Infinity, timeLimit = Infinity, stops}) {
		const end = performance.now() + timeLimit;
		let left = steps, status = OK, done = 0;
		const bits = stops ? this.#core.block(stops) : 0;
		try {
			while (status === OK && left > 0) {
				const most = Math.min(left, SLICE);
				status = this.#enter((handle, e) => e.core_steps(handle, most, bits, stops?.length ?? 0));
				const taken = this.#core.exports.core_last_size();
				left -= taken;
				done += taken;
				if (status === OK && this.#core.exports.core_stopped())
					return {ended: false, stopped: true, steps: done};
				if (status === OK && performance.now() >= end)
					return {ended: false, timedOut: true, steps: done};
			}
		} finally {
			if (bits)
				this.#core.exports.core_free(bits);
		}
		return {ended: status !== OK, steps: done};
	}

	/**
	 * Runs from the entry, or from where steps have come, to the end; the exit status.
	 * timeLimit, in milliseconds, makes it trap INTERRUPTED; the program then runs by single
	 * steps.
	 */
	run({timeLimit} = {}) {
		if (timeLimit === undefined)
			this.#enter((handle, e) => e.core_run(handle));
		else if (!this.#stepUntil({timeLimit}).ended) {
			this.#core.exports.core_interrupt(this.#live);
			this.#enter((handle, e) => e.core_run(handle));
		}
		return this.exitCode ?? 0;
	}

	/** Executes one instruction; true when the program has ended. */
	step() { return this.#stepUntil({steps: 1}).ended; }

	/**
	 * Executes instructions until the program ends ({ended: true}), comes to one of the code
	 * addresses in breakpoints (stopped), has executed steps of them, or timeLimit milliseconds
	 * have passed (timedOut). The same run goes on with the next call.
	 */
	runUntil({breakpoints, steps, timeLimit} = {}) {
		let stops;
		if ([steps, timeLimit].some((limit) => limit !== undefined && !(limit >= 0)))
			throw failure('argument', 'steps and timeLimit are numbers, not negative');
		if (breakpoints) {
			const pcs = [...breakpoints].filter((pc) => pc >= 0 && pc < CODE_MAX);
			stops = new Uint8Array((pcs.reduce((most, pc) => Math.max(most, pc), 0) >> 3) + 1);
			pcs.forEach((pc) => { stops[pc >> 3] |= 1 << (pc & 7); });
		}
		return this.#stepUntil({stops, steps, timeLimit});
	}

	/** Calls an exported function: integers in, undefined, a BigInt or an array of them out. */
	call(name, ...args) {
		const found = this.#module.functions.find((f) => f.exported && f.name === name);
		if (!found)
			throw failure('argument', `the program exports no function '${name}'`);
		if (args.length !== found.params)
			throw failure('argument', `'${name}' takes ${found.params} arguments, but ${args.length} were given`);
		const values = args.map((value, i) => word(value, `argument ${i} of '${name}'`));
		const block = this.#core.block(2 * 8 * WORDS), text = this.#core.newText(name);
		try {
			values.forEach((value, i) => this.#core.view.setBigInt64(block + 8 * i, value, true));
			if (this.#enter((handle, e) => e.core_call(handle, text, block, block + 8 * WORDS)) === HALTED)
				throw new VspError({status: 'halted', message: 'the program ended inside the call', exitCode: this.exitCode});
			const results = this.#words(block + 8 * WORDS, found.results);
			return results.length > 1 ? results : results[0];
		} finally {
			this.#core.exports.core_free(block);
			this.#core.exports.core_free(text);
		}
	}

	/** Makes the run, or else the next one, trap INTERRUPTED soon: for callbacks. */
	interrupt() { this.#core.exports.core_interrupt(this.#live); }

	/** Back to the state after loading; needed after an interrupt. */
	reset() {
		if (this.#core.exports.core_reset(this.#live) !== OK)
			throw this.#core.lastError();
		this.#output.clear();
		if (this.#captures)
			this.#host.rewind();
	}

	/** Ends the instance; nothing of it may be used afterwards. Not from a callback. */
	free() {
		if (this.#depth)
			throw failure('argument', 'the instance is running');
		if (this.#handle && !this.#dead)
			this.#core.exports.core_instance_free(this.#handle);
		if (!this.#dead)
			this.#blocks.forEach((at) => this.#core.exports.core_free(at));
		this.#blocks = [];
		this.#handle = 0;
		this.#core.instances.delete(this.#number);
	}

	/* ---- state ---- */

	get functions() { return this.#module.functions.filter((f) => f.exported).map(({name, params, results}) => ({name, params, results})); }
	get imports() { return this.#module.imports; }

	/** What the program has printed, up to 1 MiB; empty with a host of its own. */
	get output() { return this.#output.text; }

	/**
	 * Linear memory as a Uint8Array, whose first 64 KiB must not be touched. To be fetched
	 * again after a run, call or step, as memory that grows detaches it.
	 */
	get memory() {
		const at = this.#core.exports.core_memory(this.#live);
		return this.#core.bytes(at, this.#core.exports.core_last_size());
	}

	/**
	 * The same memory as a view of another kind, such as Float64Array: length elements at
	 * address.
	 */
	array(Kind, address = MEMORY_START, length) {
		const {buffer, byteOffset, byteLength} = this.memory, count = length ?? Math.floor((byteLength - address) / Kind.BYTES_PER_ELEMENT);
		if (address < 0 || count < 0 || address + count * Kind.BYTES_PER_ELEMENT > byteLength)
			throw failure('argument', `${count} elements at ${address} are not all in the memory of ${byteLength} bytes`);
		return new Kind(buffer, byteOffset + address, count);
	}

	#state() {
		const e = this.#core.exports;
		e.core_state(this.#live);
		return e;
	}

	/**
	 * R0 to RF of the activation that runs or has ended the run, as a BigInt64Array: a copy.
	 */
	get registers() {
		const at = this.#state().core_state_r();
		return new BigInt64Array(this.#core.bytes(at, 8 * WORDS).slice().buffer);
	}

	/** One register, as a BigInt. */
	register(index) {
		if (!Number.isInteger(index) || index < 0 || index >= WORDS)
			throw failure('argument', 'registers have numbers from 0 to 15');
		return this.registers[index];
	}

	/** All views of one register: signed, unsigned, hex, double, single, byteSil. */
	views(index) { return views(this.register(index)); }

	/** The gradient registers, a Float32Array: a copy. */
	get gradients() {
		const at = this.#state().core_state_g();
		return new Float32Array(this.#core.bytes(at, 4 * WORDS).slice().buffer);
	}

	/** Where the program is and how it ended. */
	get state() {
		const e = this.#state(), pc = e.core_state_pc() >>> 0, sr = e.core_state_sr();
		return {end: ENDS[e.core_state_end()], pc: pc === NO_PC ? null : pc, sp: e.core_state_sp() >>> 0, mode: e.core_state_mode(),
			flags: {Z: (sr & 1) !== 0, N: (sr & 2) !== 0, O: (sr & 4) !== 0, C: (sr & 8) !== 0, H: (sr & 16) !== 0}};
	}

	/** The code when the last run ended by SYSCALL exit, else null. */
	get exitCode() {
		const e = this.#state();
		return ENDS[e.core_state_end()] === 'exited' ? e.core_state_exit_code() : null;
	}

	/** Instructions executed since the last reset, a BigInt. */
	get cycles() { return BigInt.asUintN(64, this.#core.exports.core_cycles(this.#live)); }
}
