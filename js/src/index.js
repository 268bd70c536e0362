/*
 * VSP in JavaScript: programs for the Virtual SIL Processor are assembled, verified, run and
 * inspected in Node.js 18 or later and in browsers. docs/javascript.md in the sources of VSP has
 * the interface, index.d.ts its types.
 */
import {compile, VspError} from './compiled/vsp.mjs';
import {CompiledInstance} from './compiled.js';
import {Core} from './core.js';
import {Module} from './module.js';
import {byteSil, views} from './registers.js';

export {byteSil, CompiledInstance, views, VspError};

/* The module vsp.wasm beside this file: a URL, which Node.js cannot fetch. */
async function ownModule() {
	const url = new URL('./vsp.wasm', import.meta.url);
	if (url.protocol !== 'file:')
		return fetch(url);
	const {readFile} = await import('node:fs/promises');
	return readFile(url);
}

/** libvsp in an instance of WebAssembly. */
export class Vsp {
	#core;

	constructor(core) { this.#core = core; }

	/**
	 * Loads vsp.wasm: the one of the package, or source: bytes, a Response or a promise of one,
	 * or a WebAssembly.Module.
	 */
	static async load(source = ownModule()) { return new Vsp(new Core(await compile(source))); }

	get version() { return this.#core.text(this.#core.exports.core_version()); }

	/**
	 * Assembles and verifies source text. A VspError has the first error's place, and all
	 * messages in its diagnostics.
	 */
	assemble(source, options) { return Module.assemble(this.#core, source, options); }

	/** Loads and verifies a .silc file, or translates a WebAssembly module. */
	load(bytes) { return Module.load(this.#core, bytes); }

	/** The diagnostics of source text; none when it is right. */
	check(source, options) {
		try {
			this.assemble(source, options).free();
			return [];
		} catch (error) {
			if (error.diagnostics?.length)
				return error.diagnostics;
			throw error;
		}
	}

	/** An instance of source text, for programs that are run once. */
	instantiate(source, options) {
		const module = this.assemble(source, options);
		try {
			return module.instantiate(options);
		} finally {
			module.free();
		}
	}
}

/** An instance of what `vspc --aot prog.sil -o prog.wasm` has made, with the same interface. */
export async function loadCompiled(source, options = {}) { return CompiledInstance.create(source, options); }
