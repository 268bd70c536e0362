/*
 * Programs: what a module tells of itself, and the ways to make one. A module is immutable, and any
 * number of instances share it.
 */
import {Instance} from './instance.js';
import {failure, toBytes} from './core.js';

const KINDS = ['function', 'transform', 'kernel'];

export class Module {
	#core;
	#handle;
	#functions;
	#imports;

	constructor(core, handle) {
		this.#core = core;
		this.#handle = handle;
	}

	/* Assembles source text; throws a VspError with all diagnostics. */
	static assemble(core, source, {name = 'program.sil', files = {}} = {}) {
		if (typeof source !== 'string' && !(source instanceof Uint8Array))
			throw failure('argument', 'the source is neither a string nor a Uint8Array');
		const read = typeof files === 'function' ? files : (path) => (Object.hasOwn(files, path) ? files[path] : null);
		const bytes = toBytes(source), assembly = {diagnostics: [], read, thrown: undefined};
		const handle = core.during(assembly, () => core.withBlocks([bytes, toBytes(`${name}\0`)], (text, called) => core.exports.core_assemble(text, bytes.length, called)));
		if (!handle)
			throw core.lastError(assembly.thrown, {diagnostics: assembly.diagnostics});
		return new Module(core, handle);
	}

	/* The bytes of a .silc or WebAssembly file. */
	static load(core, bytes) {
		if (!(bytes instanceof ArrayBuffer) && !ArrayBuffer.isView(bytes))
			throw failure('argument', 'a program is a Uint8Array or an ArrayBuffer');
		const content = toBytes(bytes);
		const handle = core.withBlocks([content], (at) => core.exports.core_load(at, content.length));
		if (!handle)
			throw core.lastError();
		return new Module(core, handle);
	}

	get handle() {
		if (!this.#handle)
			throw failure('argument', 'the module has been freed');
		return this.#handle;
	}

	/** Functions in the order of the module. */
	get functions() { return this.#functions ??= this.#readFunctions(); }

	#readFunctions() {
		const e = this.#core.exports, m = this.handle;
		return Array.from({length: e.core_functions(m)}, (_, i) => ({name: this.#core.text(e.core_function_name(m, i)), params: e.core_function_params(m, i),
			results: e.core_function_results(m, i), kind: KINDS[e.core_function_kind(m, i)], exported: e.core_function_exported(m, i) === 1,
			start: e.core_function_start(m, i) >>> 0, size: e.core_function_size(m, i) >>> 0}));
	}

	/** What the program needs from its host. */
	get imports() { return this.#imports ??= this.#readImports(); }

	#readImports() {
		const e = this.#core.exports, m = this.handle;
		return Array.from({length: e.core_imports(m)}, (_, i) => ({name: this.#core.text(e.core_import_name(m, i)), params: e.core_import_params(m, i),
			results: e.core_import_results(m, i)}));
	}

	/** The code address where a run begins. */
	get entry() { return this.#core.exports.core_entry(this.handle) >>> 0; }

	/** The linear address where the data begins, and the stack's top. */
	get dataStart() { return this.#core.exports.core_data_start(this.handle) >>> 0; }

	/** The file and line of a code address, or null. */
	line(pc) {
		const line = this.#core.exports.core_line(this.handle, pc);
		return line ? {file: this.#core.text(this.#core.exports.core_line_file()), line} : null;
	}

	/** The code addresses of all instructions, with their lines: {pc, size, file, line}. */
	*instructions() {
		for (const {start, size} of this.functions)
			for (let pc = start, step; pc < start + size && (step = this.#core.exports.core_instruction_size(this.handle, pc)); pc += step)
				yield {pc, size: step, ...(this.line(pc) ?? {file: null, line: null})};
	}

	/** The .silc file. */
	write() { return this.#core.take(this.#core.exports.core_write(this.handle)); }

	/** Assembly text that makes the identical file. */
	disassemble() { return new TextDecoder().decode(this.#core.take(this.#core.exports.core_disassemble(this.handle))); }

	/** A new instance with memory of its own. */
	instantiate(options = {}) { return new Instance(this.#core, this, options); }

	/** Gives the module's memory back; instances keep what they need. */
	free() {
		if (this.#handle)
			this.#core.exports.core_module_free(this.#handle);
		this.#handle = 0;
	}
}
