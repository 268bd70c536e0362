/*
 * The language of .sil for the editor: colours, completion and help, all from grammar.js, which is
 * generated from the table of instructions.
 */
import {completeFromList} from '@codemirror/autocomplete';
import {HighlightStyle, LanguageSupport, StreamLanguage, syntaxHighlighting} from '@codemirror/language';
import {hoverTooltip} from '@codemirror/view';
import {tags} from '@lezer/highlight';
import {aliases, directives, instructions, numberPattern, registerPattern} from './grammar.js';

/* Forms by spelling: several have one mnemonic under another spelling. */
const forms = new Map();
for (const [mnemonic, operands, meaning] of instructions)
	forms.set(mnemonic, [...(forms.get(mnemonic) ?? []), {mnemonic, operands, meaning}]);
for (const [spelling, mnemonic] of aliases)
	forms.set(spelling, [...(forms.get(spelling) ?? []), ...(forms.get(mnemonic) ?? [])]);

const directiveNames = new Set(directives), WORD = /^[A-Za-z_$][\w.$]*/;
const register = new RegExp(`^(?:${registerPattern})\\b`, 'i'), number = new RegExp(`^(?:${numberPattern})\\b`, 'i');

function token(stream) {
	if (stream.eatSpace())
		return null;
	if (stream.match(/^(;|\/\/|#(?![-+0-9'])).*/))
		return 'comment';
	if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/))
		return 'string';
	const directive = stream.match(/^\.([A-Za-z]+)/);
	if (directive)
		return directiveNames.has(directive[1].toLowerCase()) ? 'meta' : 'name';
	if (stream.match(/^[.\w$]+:/))
		return 'labelName';
	if (stream.match(register))
		return 'variableName';
	if (stream.match(number))
		return 'number';
	const word = stream.match(WORD);
	if (word)
		return forms.has(word[0].toUpperCase()) ? 'keyword' : 'name';
	stream.next();
	return 'punctuation';
}

const sil = StreamLanguage.define({name: 'sil', token, languageData: {commentTokens: {line: ';'}}, tokenTable: {}});

/* Colours are the page's, so that they follow its mode. */
const colours = HighlightStyle.define([
	{tag: tags.comment, color: 'var(--comment)', fontStyle: 'italic'},
	{tag: tags.string, color: 'var(--string)'},
	{tag: tags.number, color: 'var(--number)'},
	{tag: tags.keyword, color: 'var(--mnemonic)', fontWeight: '600'},
	{tag: tags.meta, color: 'var(--directive)'},
	{tag: tags.variableName, color: 'var(--register)'},
	{tag: tags.labelName, color: 'var(--label)', fontWeight: '600'},
]);

const line = ({mnemonic, operands}) => `${mnemonic} ${operands}`.trim();

const completion = completeFromList([
	...[...forms].map(([label, list]) => ({label, type: 'keyword', detail: list[0].operands, info: list.map((form) => `${line(form)}\n${form.meaning}`).join('\n\n')})),
	...directives.map((name) => ({label: `.${name}`, type: 'namespace'})),
]);

const help = hoverTooltip((view, pos) => {
	const {from, text} = view.state.doc.lineAt(pos), column = pos - from;
	const word = [...text.matchAll(/[\w.$]+/g)].find(({index, 0: all}) => column >= index && column <= index + all.length);
	const list = word && forms.get(word[0].toUpperCase());
	if (!list)
		return null;
	return {pos: from + word.index, end: from + word.index + word[0].length, create: () => {
		const dom = document.createElement('div');
		dom.className = 'help';
		for (const form of list) {
			const head = document.createElement('code');
			head.textContent = line(form);
			dom.append(head, document.createTextNode(form.meaning));
		}
		return {dom};
	}};
});

export const silLanguage = new LanguageSupport(sil, [syntaxHighlighting(colours), sil.data.of({autocomplete: completion}), help]);
