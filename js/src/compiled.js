/*
 * Programs that vspc has compiled to WebAssembly, behind the interface of instances in the
 * interpreter. What compiled code does not have - single steps, breakpoints, counts - is refused by
 * name.
 */
import {compile, instantiate, VspError} from './compiled/vsp.mjs';
import {captureHost, Output} from './instance.js';
import {views} from './registers.js';

const WORDS = 16;

export class CompiledInstance {
	#instance;
	#output;
	#host;

	constructor(instance, output, host) {
		this.#instance = instance;
		this.#output = output;
		this.#host = host;
	}

	static async create(source, options) {
		const output = new Output(), host = options.host ? undefined : captureHost(output, options.input);
		const {rewind, ...callbacks} = host ?? {};
		const instance = await instantiate(await compile(source), {...options, capabilities: options.capabilities ?? ['stdio', 'args'],
			host: {args: options.args ?? [], ...(options.host ?? callbacks)}});
		return new CompiledInstance(instance, output, host);
	}

	run({timeLimit} = {}) {
		if (timeLimit !== undefined)
			this.#refuse('a limit of time');
		return this.#instance.run();
	}
	call(name, ...args) { return this.#instance.call(name, ...args); }
	interrupt() { this.#instance.interrupt(); }
	reset() {
		this.#instance.reset();
		this.#output.clear();
		this.#host?.rewind();
	}
	free() { this.#instance.free(); }

	#refuse(what) { throw new VspError({status: 'unsupported', message: `compiled programs have no ${what}; assemble the source to run it in the interpreter`}); }
	step() { this.#refuse('single steps'); }
	runUntil() { this.#refuse('breakpoints'); }

	get functions() { return this.#instance.functions; }
	get imports() { return this.#instance.imports; }
	get output() { return this.#output.text; }
	get memory() { return this.#instance.memory; }
	array(Kind, address = 0x10000, length) {
		const {buffer, byteOffset, byteLength} = this.memory;
		const count = length ?? Math.floor((byteLength - address) / Kind.BYTES_PER_ELEMENT);
		if (address < 0 || count < 0 || address + count * Kind.BYTES_PER_ELEMENT > byteLength)
			throw new VspError({status: 'argument', message: `${count} elements at ${address} are not all in the memory of ${byteLength} bytes`});
		return new Kind(buffer, byteOffset + address, count);
	}
	get registers() { return BigInt64Array.from({length: WORDS}, (_, i) => this.#instance.register(i)); }
	register(index) { return this.#instance.register(index); }
	views(index) { return views(this.register(index)); }
	get exitCode() { return this.#instance.exitCode; }
}
