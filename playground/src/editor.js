/*
 * The editor: CodeMirror with the language, the page's marks, and keys that the page handles.
 */
import {autocompletion, completionKeymap} from '@codemirror/autocomplete';
import {defaultKeymap, history, historyKeymap, indentWithTab, toggleComment} from '@codemirror/commands';
import {indentUnit} from '@codemirror/language';
import {highlightSelectionMatches, searchKeymap} from '@codemirror/search';
import {EditorState} from '@codemirror/state';
import {drawSelection, EditorView, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers} from '@codemirror/view';
import {silLanguage} from './language.js';
import {marks} from './marks.js';

/* keys: of the page, before the editor's own. changed: called after each change of the text. */
export function createEditor(parent, keys, changed) {
	return new EditorView({parent, state: EditorState.create({doc: '', extensions: [
		keymap.of(keys), marks, lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), indentUnit.of('\t'), EditorState.tabSize.of(8),
		highlightSelectionMatches(), autocompletion({icons: false}), silLanguage,
		keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, ...searchKeymap, {key: 'Mod-/', run: toggleComment}, indentWithTab]),
		EditorView.contentAttributes.of({'aria-label': 'Assembly source', spellcheck: 'false'}),
		EditorView.updateListener.of((update) => {
			if (update.docChanged)
				changed(update);
		}),
	]})});
}
