/*
 * Tests of programs that vspc has compiled to WebAssembly, through the interface of the package.
 * VSP_TEST_VSPC names a vspc that compiles ahead of time; without one they are skipped.
 */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {loadCompiled, VspError} from '@vsp/core';

const vspc = process.env.VSP_TEST_VSPC;
const skip = vspc ? false : 'VSP_TEST_VSPC names no vspc with a compiler';

async function compiled(source, options) {
	const folder = await mkdtemp(join(tmpdir(), 'vsp-'));
	try {
		await writeFile(join(folder, 'p.sil'), source);
		execFileSync(vspc, ['--aot', join(folder, 'p.sil'), '-o', join(folder, 'p.wasm')]);
		return await loadCompiled(await readFile(join(folder, 'p.wasm')), options);
	} finally {
		await rm(folder, {recursive: true});
	}
}

test('a compiled program has the interface of instances', {skip}, async () => {
	const instance = await compiled('\t.import host.add(2) -> 1\n\t.export sum\n.func main\n\tMOVI R0, 5\n\tSYSCALL 2\n\tHLT\n.end\n.func sum(2) -> 1\n\tHCALL host.add\n\tRET\n.end\n',
		{imports: {'host.add': (a, b) => a + b}});
	assert.equal(instance.run(), 0);
	assert.equal(instance.output, '5');
	assert.equal(instance.views(0).signed, 5n);
	assert.equal(instance.call('sum', 40n, 2n), 42n);
	assert.deepEqual(instance.imports, [{name: 'host.add', params: 2, results: 1}]);
	assert.ok(instance.array(BigInt64Array).length > 0);
	assert.throws(() => instance.step(), (error) => error instanceof VspError && error.status === 'unsupported');
	instance.free();
});

test('its traps are the same errors', {skip}, async () => {
	const instance = await compiled('.func main\n\tMOVI R0, 1\n\tMOVI R1, 0\n\tDIV R0, R0, R1\n\tHLT\n.end\n');
	assert.throws(() => instance.run(), (error) => error instanceof VspError && error.trap === 'DIV_BY_ZERO' && error.line === 4);
});
