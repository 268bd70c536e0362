/*
 * The page: connects the editor, the machine, and the views of its state.
 */
import examples from 'examples';
import {createEditor} from './editor.js';
import {Layers} from './layers.js';
import {read, write} from './link.js';
import {Machine} from './machine.js';
import {breakpoints, setBreakpoints, setCurrent, setDiagnostics, toggleBreakpoint} from './marks.js';
import {Memory} from './memory.js';
import {Registers} from './registers.js';

const $ = (id) => document.getElementById(id);
const CHECK_DELAY_MS = 150, FIRST = 'emergence', RESTORED_STEPS = 5_000_000;
const THEMES = ['auto', 'light', 'dark'];

/* The setting lasts where the browser keeps it; pages opened from disk may have no storage. */
function stored(key, value) {
	try {
		if (value !== undefined)
			localStorage.setItem(key, value);
		return localStorage.getItem(key);
	} catch {
		return null;
	}
}

function setTheme(theme) {
	document.documentElement.dataset.theme = theme;
	$('theme').textContent = theme === 'auto' ? 'Theme' : theme === 'light' ? 'Light' : 'Dark';
	stored('theme', theme);
}

class Page {
	#machine;
	#editor;
	#layers = new Layers($('layers'));
	#registers = new Registers($('registers').tBodies[0]);
	#memory = new Memory($('memory'));
	#before = null; /* registers shown last */
	#check;
	#animating = false;
	#example = '';

	constructor(machine) {
		this.#machine = machine;
		const key = (name, run) => ({key: name, preventDefault: true, run: () => (run(), true)});
		this.#editor = createEditor($('editor'), [key('Mod-Enter', () => this.run()), key('F10', () => this.step()), key('F8', () => this.animate()),
			key('F9', () => toggleBreakpoint(this.#editor)), key('F4', () => this.restart())], () => this.#changed());
		this.#fillExamples();
		this.#listen();
	}

	#fillExamples() {
		const none = new Option('(your own)', '');
		none.hidden = true;
		$('example').append(none, ...examples.map(({name}) => new Option(name.replace(/_/g, ' '), name)));
	}

	#listen() {
		const on = (id, event, fn) => $(id).addEventListener(event, fn);
		on('run', 'click', () => this.run());
		on('step', 'click', () => this.step());
		on('animate', 'click', () => this.animate());
		on('stop', 'click', () => this.#stop());
		on('reset', 'click', () => this.restart());
		on('share', 'click', () => this.#share());
		on('theme', 'click', () => setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]));
		on('example', 'change', () => this.open({example: $('example').value}));
		for (const id of ['input', 'args'])
			on(id, 'change', () => this.restart());
		on('address', 'change', () => this.#goTo(Number($('address').value)));
		on('before', 'click', () => this.#goTo(this.#memory.shown - this.#memory.page));
		on('after', 'click', () => this.#goTo(this.#memory.shown + this.#memory.page));
		on('data', 'click', () => this.#goTo(null));
		on('stack', 'click', () => this.#goTo((this.#machine.instance?.state.sp ?? 0x10000) - this.#memory.page / 2));
		addEventListener('keydown', (event) => this.#key(event));
		addEventListener('resize', () => this.#show());
		addEventListener('hashchange', async () => {
			const state = await read(location.hash);
			if (state)
				this.open(state);
		});
	}

	/* Keys outside of the editor, which has them too; it leaves Escape to what it may close
	   first. */
	#key(event) {
		const actions = {F10: () => this.step(), F8: () => this.animate(), F4: () => this.restart(), Escape: () => this.#stop()};
		const action = event.key === 'Enter' && (event.ctrlKey || event.metaKey) ? () => this.run() : event.altKey || event.ctrlKey ? undefined : actions[event.key];
		if (!action || event.defaultPrevented)
			return;
		if (event.key !== 'Escape')
			event.preventDefault();
		action();
	}

	/* ---- the program ---- */

	/* Shows a program: a named example, or the state of a link. */
	async open(state) {
		const example = examples.find(({name}) => name === state.example), text = (value, otherwise) => (typeof value === 'string' ? value : otherwise);
		this.#stop();
		$('input').value = text(state.input, example?.input ?? '');
		$('args').value = text(state.args, example?.args ?? '');
		document.querySelector('.fields').open = $('input').value !== '' || $('args').value !== '';
		const {doc} = this.#editor.state;
		this.#editor.dispatch({changes: {from: 0, to: doc.length, insert: text(state.source, example?.source ?? '')}, selection: {anchor: 0}, scrollIntoView: true});
		this.#editor.dispatch({effects: setBreakpoints(this.#editor.state.doc, Array.isArray(state.breakpoints) ? state.breakpoints : [])});
		this.#name(example?.source === this.#editor.state.doc.toString() ? example.name : '');
		this.#memory.address = Number.isInteger(state.address) ? state.address : null;
		this.#assemble();
		if (state.steps > 0)
			await this.#machine.run({steps: Math.min(state.steps, RESTORED_STEPS)});
		this.#show(true);
	}

	#name(example) {
		this.#example = example;
		$('example').value = example;
	}

	#changed() {
		clearTimeout(this.#check);
		this.#check = setTimeout(() => {
			this.#stop();
			this.#name(examples.find(({source}) => source === this.#editor.state.doc.toString())?.name ?? '');
			this.#assemble();
		}, CHECK_DELAY_MS);
	}

	#assemble() {
		clearTimeout(this.#check);
		this.#check = undefined;
		this.#machine.assemble(this.#editor.state.doc.toString());
		this.#editor.dispatch({effects: setDiagnostics.of(this.#machine.diagnostics)});
		this.restart();
	}

	get #fields() { return {input: $('input').value, args: $('args').value}; }

	restart() {
		this.#stop();
		this.#machine.restart(this.#fields);
		this.#show(true);
	}

	/* Text that is not yet assembled is, and a program that has ended begins anew. */
	#prepare() {
		if (this.#check !== undefined)
			this.#assemble();
		if (this.#machine.ended)
			this.restart();
		return this.#machine.ready;
	}

	/* ---- running ---- */

	async run() {
		if (this.#machine.running || this.#animating || !this.#prepare())
			return;
		const running = this.#machine.run({breakpoints: breakpoints(this.#editor.state), progress: () => this.#showOutput()});
		this.#showButtons();
		await running;
		this.#show();
	}

	step() {
		if (this.#machine.running || this.#animating || !this.#prepare())
			return;
		this.#machine.step();
		this.#show();
	}

	/* One step after the other, at the chosen speed, up to a breakpoint or the end. */
	async animate() {
		if (this.#animating) {
			this.#stop();
			return;
		}
		if (this.#machine.running || !this.#prepare())
			return;
		this.#animating = true;
		while (this.#animating && this.#machine.ready) {
			this.#machine.step();
			this.#show();
			if (breakpoints(this.#editor.state).has(this.#machine.line))
				break;
			await new Promise((resolve) => setTimeout(resolve, 1000 / 2 ** Number($('speed').value)));
		}
		this.#animating = false;
		this.#show();
	}

	#stop() {
		this.#animating = false;
		this.#machine.stop();
	}

	/* ---- the link ---- */

	async #share() {
		const source = this.#editor.state.doc.toString(), state = {...(this.#example ? {example: this.#example} : {source}), ...this.#fields,
			breakpoints: [...breakpoints(this.#editor.state)], steps: this.#machine.steps, address: this.#memory.address};
		history.replaceState(null, '', await write(state));
		try {
			await navigator.clipboard.writeText(location.href);
			this.#say('The link to this program and state is in the address bar and on the clipboard.');
		} catch {
			this.#say('The link to this program and state is in the address bar.');
		}
	}

	/* ---- what is shown ---- */

	#say(text, kind = '') {
		$('status').textContent = text;
		$('status').className = kind;
	}

	#showStatus() {
		const {diagnostics, error, ended, instance, line, steps} = this.#machine, errors = diagnostics.filter(({severity}) => severity === 'error');
		if (errors.length)
			this.#say(`${errors.length} error${errors.length > 1 ? 's' : ''}: line ${errors[0].line}: ${errors[0].message}`, 'error');
		else if (error)
			this.#say(this.#trapText(error), 'error');
		else if (ended)
			this.#say(`The program has ended${instance.exitCode === null ? '' : ` with status ${instance.exitCode}`} after ${instance.cycles} instructions.`, 'good');
		else if (steps)
			this.#say(`Stopped before line ${line ?? '?'}.`);
		else
			this.#say('Ready.');
	}

	#trapText({message, trap, line, trace}) {
		const way = (trace ?? []).slice(1).map((frame) => `${frame.function || '?'}${frame.line ? ` (line ${frame.line})` : ''}`);
		return `${trap ? `Trap ${trap}: ` : ''}${message}${line ? `, line ${line}` : ''}${way.length ? `, called by ${way.join(', ')}` : ''}`;
	}

	#showOutput() {
		const text = this.#machine.instance?.output ?? '';
		if ($('output').textContent === text)
			return;
		$('output').textContent = text;
		$('output').scrollTop = $('output').scrollHeight;
	}

	#showButtons() {
		const {running, instance} = this.#machine, busy = running || this.#animating;
		for (const id of ['run', 'step'])
			$(id).disabled = busy || !instance;
		$('animate').disabled = running || !instance;
		$('animate').setAttribute('aria-pressed', String(this.#animating));
		$('stop').disabled = !busy;
	}

	#showFacts(state) {
		const {instance, line} = this.#machine, hex = (value, digits) => value.toString(16).toUpperCase().padStart(digits, '0');
		const facts = !instance ? {} : {pc: state.pc === null ? '–' : hex(state.pc, 8), line: line ?? '–', SP: hex(state.sp, 8), flags: Object.entries(state.flags).map(([name, set]) => (set ? name : '·')).join(''),
			mode: state.mode, instructions: instance.cycles};
		$('facts').replaceChildren(...Object.entries(facts).map(([name, value]) => {
			const pair = document.createElement('div'), term = document.createElement('dt'), text = document.createElement('dd');
			term.textContent = name;
			text.textContent = value;
			pair.append(term, text);
			return pair;
		}));
	}

	/* fresh: nothing counts as changed. */
	#show(fresh = false) {
		const {instance, error, line, steps, ended} = this.#machine, state = instance?.state;
		const registers = instance ? [...instance.registers] : Array(16).fill(0n), before = fresh ? null : this.#before;
		const bytes = (list) => list.map((value) => Number(value & 255n));
		this.#registers.show(registers, instance?.gradients ?? new Float32Array(16), before);
		this.#layers.show(bytes(registers), before && bytes(before));
		this.#memory.show(instance?.memory ?? null, this.#machine.dataStart, state?.sp, fresh);
		$('address').value = `0x${this.#memory.shown.toString(16).toUpperCase()}`;
		this.#before = registers;
		this.#editor.dispatch({effects: setCurrent.of({line: steps || error ? line : null, trapped: ended && Boolean(error)})});
		this.#follow(steps || error ? line : null);
		this.#showFacts(state);
		this.#showOutput();
		this.#showStatus();
		this.#showButtons();
	}

	/* Scrolls to the line when it is not to be seen. */
	#follow(line) {
		if (!line || line > this.#editor.state.doc.lines)
			return;
		const {scrollDOM} = this.#editor, block = this.#editor.lineBlockAt(this.#editor.state.doc.line(line).from);
		if (block.top < scrollDOM.scrollTop || block.bottom > scrollDOM.scrollTop + scrollDOM.clientHeight)
			scrollDOM.scrollTop = block.top - scrollDOM.clientHeight / 3;
	}

	#goTo(address) {
		this.#memory.address = Number.isFinite(address) ? Math.max(0, Math.floor(address)) : null;
		this.#show();
	}
}

setTheme(THEMES.includes(stored('theme')) ? stored('theme') : 'auto');
Machine.load().then(async (machine) => {
	const page = new Page(machine);
	await page.open(await read(location.hash) ?? {example: FIRST});
	document.documentElement.dataset.ready = machine.version;
}).catch((error) => {
	$('status').textContent = `This browser cannot run the playground: ${error.message}`;
	$('status').className = 'error';
});
