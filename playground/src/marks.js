/*
 * What the page shows in the editor's text: the assembler's messages as carets under the lines they
 * are about, breakpoints in the gutter, and the line of the next instruction.
 */
import {RangeSet, StateEffect, StateField} from '@codemirror/state';
import {Decoration, EditorView, gutter, GutterMarker, WidgetType} from '@codemirror/view';

/* ---- messages ---- */

/* The position in a line of a column that counts bytes of UTF-8, from 1. */
function position(text, column) {
	const bytes = new TextEncoder().encode(text).subarray(0, Math.max(0, column - 1));
	return Math.min(text.length, new TextDecoder().decode(bytes).length);
}

/* A caret line below the source, in the same columns: tabs stay tabs, other characters are
   spaces. */
class Caret extends WidgetType {
	constructor(before, width, diagnostic) {
		super();
		Object.assign(this, {before, width, diagnostic});
	}
	eq(other) { return other.before === this.before && other.width === this.width && other.diagnostic.message === this.diagnostic.message; }
	toDOM() {
		const {severity, message, suggestion} = this.diagnostic, line = document.createElement('div'), text = document.createElement('span');
		line.className = `caret ${severity}`;
		line.setAttribute('role', 'note');
		text.className = 'arrow';
		text.textContent = `${this.before}^${'~'.repeat(this.width - 1)} `;
		line.append(text, `${message}${suggestion && !message.includes(`'${suggestion}'`) ? ` (${suggestion})` : ''}`);
		return line;
	}
}

export const setDiagnostics = StateEffect.define();

function decorate(doc, diagnostics) {
	const ranges = [];
	for (const diagnostic of diagnostics.filter(({line}) => line <= doc.lines)) {
		const line = doc.line(diagnostic.line), from = position(line.text, diagnostic.column), to = position(line.text, diagnostic.column + diagnostic.length);
		const width = Math.max(1, to - from), before = line.text.slice(0, from).replace(/[^\t]/g, ' ');
		if (to > from)
			ranges.push(Decoration.mark({class: `underlined ${diagnostic.severity}`}).range(line.from + from, line.from + to));
		ranges.push(Decoration.widget({widget: new Caret(before, width, diagnostic), block: true, side: 1}).range(line.to));
	}
	return Decoration.set(ranges, true);
}

const diagnosticsField = StateField.define({
	create: () => Decoration.none,
	update(marks, transaction) {
		for (const effect of transaction.effects)
			if (effect.is(setDiagnostics))
				return decorate(transaction.newDoc, effect.value);
		return marks.map(transaction.changes);
	},
	provide: (field) => EditorView.decorations.from(field),
});

/* ---- breakpoints ---- */

const toggle = StateEffect.define({map: (pos, mapping) => mapping.mapPos(pos)});
const setAll = StateEffect.define();
class Dot extends GutterMarker {
	toDOM() { return Object.assign(document.createElement('span'), {className: 'breakpoint', textContent: '●'}); }
}
const dot = new Dot();

const breakpointField = StateField.define({
	create: () => RangeSet.empty,
	update(set, transaction) {
		let next = set.map(transaction.changes);
		for (const effect of transaction.effects) {
			if (effect.is(setAll))
				next = RangeSet.of(effect.value.map((pos) => dot.range(pos)), true);
			if (!effect.is(toggle))
				continue;
			let had = false;
			next.between(effect.value, effect.value, () => { had = true; });
			next = had ? next.update({filter: (from) => from !== effect.value}) : next.update({add: [dot.range(effect.value)]});
		}
		return next;
	},
});

export function toggleBreakpoint(view, pos = view.state.selection.main.head) {
	view.dispatch({effects: toggle.of(view.state.doc.lineAt(pos).from)});
	return true;
}

/* Numbers of lines. */
export function breakpoints(state) {
	const lines = new Set();
	for (const at = state.field(breakpointField).iter(); at.value; at.next())
		lines.add(state.doc.lineAt(at.from).number);
	return lines;
}

export const setBreakpoints = (doc, lines) => setAll.of(lines.filter((n) => n >= 1 && n <= doc.lines).map((n) => doc.line(n).from));

const breakpointGutter = gutter({class: 'breakpoints', markers: (view) => view.state.field(breakpointField), initialSpacer: () => dot,
	domEventHandlers: {mousedown: (view, block) => toggleBreakpoint(view, block.from)}});

/* ---- the next instruction ---- */

export const setCurrent = StateEffect.define(); /* a line, or null; {line, trapped} */
const currentField = StateField.define({
	create: () => Decoration.none,
	update(marks, transaction) {
		for (const effect of transaction.effects)
			if (effect.is(setCurrent)) {
				const {line, trapped} = effect.value;
				if (!line || line > transaction.newDoc.lines)
					return Decoration.none;
				return Decoration.set([Decoration.line({class: trapped ? 'current trapped' : 'current'}).range(transaction.newDoc.line(line).from)]);
			}
		return marks.map(transaction.changes);
	},
	provide: (field) => EditorView.decorations.from(field),
});

export const marks = [diagnosticsField, breakpointField, breakpointGutter, currentField];
