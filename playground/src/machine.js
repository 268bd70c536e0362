/*
 * The program being worked on: assembled from the editor's text, with one instance that runs in
 * slices, so that the page stays alive, and can be taken back to the step it was at.
 */
import {Vsp} from '@vsp/core';
import wasm from 'vsp.wasm';

const NAME = 'program.sil', SLICE_MS = 12;

const nextTurn = () => new Promise((resolve) => {
	const channel = new MessageChannel();
	channel.port1.onmessage = resolve;
	channel.port2.postMessage(0);
});

export class Machine {
	#vsp;
	#module = null;
	#instance = null;
	#places = []; /* all instructions of the source */
	#stopping = false;
	diagnostics = [];
	error = null;
	ended = false;
	running = false;
	steps = 0;

	static async load() {
		const machine = new Machine();
		machine.#vsp = await Vsp.load(wasm);
		return machine;
	}

	get version() { return this.#vsp.version; }

	/* Takes a new source; true when it is right. A wrong one leaves no program. */
	assemble(source) {
		this.#drop();
		this.diagnostics = [];
		try {
			this.#module = this.#vsp.assemble(source, {name: NAME});
		} catch (error) {
			this.diagnostics = error.diagnostics ?? [];
			if (!this.diagnostics.length)
				this.error = error;
			return false;
		}
		this.#places = [...this.#module.instructions()].filter(({file}) => file === NAME);
		return true;
	}

	#drop() {
		this.#instance?.free();
		this.#module?.free();
		this.#instance = this.#module = this.error = null;
		this.#places = [];
		this.ended = false;
		this.steps = 0;
	}

	/* A new instance at the start of the program. */
	restart({input = '', args = ''} = {}) {
		this.#instance?.free();
		this.#instance = this.error = null;
		this.ended = false;
		this.steps = 0;
		if (!this.#module)
			return;
		try {
			this.#instance = this.#module.instantiate({input, args: args.split(/\s+/).filter(Boolean), capabilities: ['stdio', 'args', 'clock', 'random']});
		} catch (error) {
			this.error = error;
		}
	}

	get ready() { return this.#instance !== null && !this.ended; }
	get instance() { return this.#instance; }
	get dataStart() { return this.#module?.dataStart ?? 0; }

	/* Lines that have code. */
	get lines() { return new Set(this.#places.map(({line}) => line)); }

	/* Code addresses where the lines begin. */
	#stops(lines) {
		const first = new Map();
		for (const {pc, line} of this.#places)
			if (lines.has(line) && !first.has(line))
				first.set(line, pc);
		return [...first.values()];
	}

	/* The line of the next instruction, or of the one that ended the program; null: unknown. */
	get line() {
		if (!this.#instance)
			return null;
		const pc = this.error?.pc ?? this.#instance.state.pc ?? this.#module.entry;
		const place = pc === null ? null : this.#module.line(pc);
		return place?.file === NAME ? place.line : null;
	}

	#forward(options) {
		try {
			const result = this.#instance.runUntil(options);
			this.ended = result.ended;
			this.steps += result.steps;
			return result;
		} catch (error) {
			this.error = error;
			this.ended = true;
			return {ended: true};
		}
	}

	/* The steps of a trap are known by the count of instructions alone. */
	step() { return this.ready && this.#forward({steps: 1}); }

	/* Up to a breakpoint, the end, a number of steps, or stop(). */
	async run({breakpoints = new Set(), steps = Infinity, progress = () => {}} = {}) {
		const stops = this.#stops(breakpoints);
		this.running = true;
		this.#stopping = false;
		for (let left = steps; this.ready && left > 0 && !this.#stopping;) {
			const before = this.steps, result = this.#forward({breakpoints: stops, steps: left, timeLimit: SLICE_MS});
			left -= this.steps - before;
			if (result.ended || result.stopped)
				break;
			progress();
			await nextTurn();
		}
		this.running = false;
	}

	stop() { this.#stopping = true; }
}
