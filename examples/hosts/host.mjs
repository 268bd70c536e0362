/*
 * A host in JavaScript:
 *
 *     vspc --aot examples/hosts/energy.sil -o energy.wasm
 *     node examples/hosts/host.mjs energy.wasm
 *
 * Installed copies import vsp.mjs from share/vsp; a page in a browser would pass
 * fetch('energy.wasm') to instantiate.
 */
import {readFile} from 'node:fs/promises';
import {instantiate, VspError} from '../../aot/js/vsp.mjs';

const energy = await instantiate(await readFile(process.argv[2] ?? 'energy.wasm'), {imports: {'host.factor': () => 3n}});
console.log(`sum of squares: ${energy.call('sum_squares', 10n)}`);
console.log(`scaled: ${energy.call('scale', 10n)}`);
try {
	energy.call('divide', 1n, 0n);
} catch (error) {
	if (!(error instanceof VspError))
		throw error;
	console.log(`trapped: ${error.message} in ${error.function}`);
}
energy.free();
