/*
 * Builds the playground: node build.mjs PACKAGE OUT. PACKAGE is the folder of the package for
 * JavaScript, with vsp.wasm. OUT gets static files that work from any server and from a disk, so
 * everything, WebAssembly and examples too, is in one classic script.
 */
import {copyFile, mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url)), [from, out] = process.argv.slice(2).map((path) => resolve(path));
if (!out) {
	console.error('usage: build.mjs PACKAGE OUT');
	process.exit(2);
}

/* The comments for the program tests say what a program reads: ; input: and ; args:. */
function exampleOf(file, source) {
	const said = (key) => source.match(new RegExp(`^; ${key}: (.*)$`, 'm'))?.[1] ?? '';
	const input = said('input').replace(/\\n/g, '\n').replace(/\\x([0-9A-Fa-f]{2})/g, (all, hex) => String.fromCharCode(parseInt(hex, 16)));
	return {name: file.replace('.sil', ''), source, input, args: said('args')};
}

/* The examples that run without a host of their own. */
async function examples() {
	const folder = join(here, '../examples'), list = [];
	for (const file of (await readdir(folder)).filter((name) => name.endsWith('.sil')).sort()) {
		const source = await readFile(join(folder, file), 'utf8');
		if (!/^\s*\.import/m.test(source))
			list.push(exampleOf(file, source));
	}
	return list;
}

const modules = {
	name: 'modules of the playground',
	setup(how) {
		how.onResolve({filter: /^@vsp\/core$/}, () => ({path: join(from, 'index.js')}));
		how.onResolve({filter: /^vsp\.wasm$/}, () => ({path: join(from, 'vsp.wasm')}));
		how.onResolve({filter: /^examples$/}, () => ({path: 'examples', namespace: 'made'}));
		how.onLoad({filter: /.*/, namespace: 'made'}, async () => ({contents: JSON.stringify(await examples()), loader: 'json'}));
		/* A classic script cannot wait for modules of Node.js, which browsers have not. */
		how.onLoad({filter: /compiled\/vsp\.mjs$/}, async ({path}) => ({contents: (await readFile(path, 'utf8')).replace('?? (await import(\'node:crypto\')).webcrypto', ''), loader: 'js'}));
	},
};

await mkdir(out, {recursive: true});
const {metafile} = await build({entryPoints: [join(here, 'src/main.js')], outfile: join(out, 'playground.js'), bundle: true, minify: true, format: 'iife', target: 'es2022', charset: 'utf8',
	legalComments: 'none', metafile: true, loader: {'.wasm': 'binary'}, external: ['node:*'], plugins: [modules], logOverride: {'empty-import-meta': 'silent'}});
for (const file of ['index.html', 'style.css'])
	await copyFile(join(here, file), join(out, file));

/* The licences of what the script is made of, besides VSP's own. */
const packages = new Set(Object.keys(metafile.inputs).map((path) => path.match(/.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean));
const licences = await Promise.all([...packages].sort().map(async (path) => `${path.replace(/.*node_modules\//, '')}\n\n${await readFile(resolve(path, 'LICENSE'), 'utf8')}`));
await writeFile(join(out, 'licences.txt'), licences.join('\n\n'));
