/*
 * Programs as WebAssembly modules from JavaScript, beyond what the test programs show: node
 * test_wasm.mjs VSPC FOLDER. Sources are here, expected values follow from them.
 */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {TRAPS, VspError, command, compile, instantiate} from '../../aot/js/vsp.mjs';

const [vspc, folder] = process.argv.slice(2);

async function build(source, ...options) {
	writeFileSync(`${folder}/test.sil`, source);
	execFileSync(vspc, ['--aot', ...options, `${folder}/test.sil`, '-o', `${folder}/test.wasm`], {stdio: 'inherit'});
	return compile(readFileSync(`${folder}/test.wasm`));
}

/* Calls that nest through callbacks fail one in the other, or all at once when it is the engine's
   stack that is used up. */
function endsInCallDepth(error) {
	while (error.trap === 'HOST' && error.cause)
		error = error.cause;
	return error.trap === 'CALL_DEPTH';
}

const tests = {
	async 'traps have the names of the table'() {
		const rows = readFileSync(new URL('../../runtime/traps.def', import.meta.url), 'utf8').matchAll(/^TRAP\((\w+),/gm);
		assert.deepEqual(TRAPS, ['NONE', ...[...rows].map((row) => row[1])]);
	},

	async 'values of 64 bits go in and out'() {
		const module = await build('.export swap\n.export none\n.func main() -> 0\nRET\n.end\n.func swap(2) -> 2\nMOV R2, R0\nMOV R0, R1\nMOV R1, R2\nRET\n.end\n' +
			'.func none() -> 0\nRET\n.end\n');
		const p = await instantiate(module);
		assert.deepEqual(p.call('swap', -1n, 2n ** 62n), [2n ** 62n, -1n]);
		assert.deepEqual(p.call('swap', 2n ** 64n - 1n, 5), [5n, -1n]);
		assert.equal(p.call('none'), undefined);
		assert.deepEqual(p.functions.map((f) => `${f.name} ${f.params} ${f.results}`), ['main 0 0', 'swap 2 2', 'none 0 0']);
		assert.throws(() => p.call('swap', 1n), /'swap' takes 2 arguments, but 1 were given/);
		assert.throws(() => p.call('other'), /exports no function 'other'/);
		p.free();
		assert.throws(() => p.call('none'), /freed/);
	},

	async 'imports are checked, called and may call back'() {
		const module = await build('.import host.twice(1) -> 1\n.export go\n.export add\n.func main() -> 0\nRET\n.end\n' +
			'.func go(1) -> 1\nHCALL host.twice\nADDI R0, R0, 1\nRET\n.end\n.func add(2) -> 1\nADD R0, R0, R1\nRET\n.end\n');
		const p = await instantiate(module, {imports: {'host.twice'(x) { return this.call('add', x, x); }}});
		assert.equal(p.call('go', 20n), 41n);
		const without = await instantiate(module);
		assert.throws(() => without.call('go', 1n), {status: 'link', message: /host\.twice/});
		const broken = await instantiate(module, {imports: {'host.twice'() { throw new Error('no luck'); }}});
		assert.throws(() => broken.call('go', 1n), (error) => error.trap === 'HOST' && error.cause.message === 'no luck');
		assert.equal(broken.call('add', 1n, 2n), 3n);
	},

	async 'traps say where, and the instance goes on'() {
		const p = await instantiate(await build('.export quotient\n.func main() -> 0\nRET\n.end\n.func quotient(2) -> 1\nINVOKE inner\nRET\n.end\n' +
			'.func inner(2) -> 1\nDIV R0, R0, R1\nRET\n.end\n'));
		assert.throws(() => p.call('quotient', 1n, 0n), {status: 'trapped', trap: 'DIV_BY_ZERO', function: 'inner', line: 10, message: 'integer division by zero'});
		assert.equal(p.lastError().trap, 'DIV_BY_ZERO');
		assert.equal(p.call('quotient', 6n, 2n), 3n);
	},

	async 'exit and HLT end runs and calls'() {
		const p = await instantiate(await build('.export leave\n.func main() -> 0\nMOVI R0, 7\nSYSCALL 0\nRET\n.end\n.func leave() -> 1\nMOVI R3, 9\nHLT\n.end\n'));
		assert.equal(p.run(), 7);
		assert.equal(p.exitCode, 7);
		assert.throws(() => p.call('leave'), {status: 'halted'});
		assert.equal(p.exitCode, null);
		assert.equal(p.register(3), 9n);
	},

	async 'a used up stack is a trap, in callbacks too'() {
		const module = await build('.import host.again() -> 0\n.export deep\n.export nest\n.func main() -> 0\nRET\n.end\n' +
			'.func deep(1) -> 1\nBZ R0, end\nADDI R0, R0, -1\nINVOKE deep\nADDI R0, R0, 1\nend: RET\n.end\n.func nest() -> 0\nHCALL host.again\nRET\n.end\n');
		const p = await instantiate(module, {imports: {'host.again'() { this.call('nest'); }}});
		for (let i = 0; i < 3; i++) {
			assert.throws(() => p.call('deep', 10n ** 9n), {trap: 'CALL_DEPTH'});
			assert.throws(() => p.call('nest'), endsInCallDepth);
			assert.equal(p.call('deep', 1000n), 1000n);
		}
		const range = await instantiate(module, {imports: {'host.again'() { throw new RangeError('out of range'); }}});
		assert.throws(() => range.call('nest'), {trap: 'HOST'});
		let caught = 0;
		const swallow = await instantiate(module, {imports: {'host.again'() {
			try {
				this.call('deep', 10n ** 9n);
			} catch (error) {
				caught++;
			}
		}}});
		assert.throws(() => swallow.call('nest'), {trap: 'CALL_DEPTH'}); /* the frames between cannot go on */
		assert.equal(caught, 1);
		assert.equal(swallow.call('deep', 5n), 5n);
	},

	async 'memory is seen, written and grows'() {
		const p = await instantiate(await build('.memory 3, 100\n.export grow\n.export peek\n.func main() -> 0\nRET\n.end\n.func grow(1) -> 1\nMEMGROW R0, R0\nRET\n.end\n' +
			'.func peek(1) -> 1\nLOAD R0, [R0]\nRET\n.end\n'), {maxMemory: 10 * 65536});
		assert.equal(p.memory.length, 3 * 65536);
		p.memory[0x18000] = 42;
		assert.equal(p.call('grow', 4n), 3n);
		assert.equal(p.memory.length, 7 * 65536);
		assert.equal(p.call('peek', 0x18000n), 42n);
		assert.equal(p.call('grow', 4n), -1n);
		assert.throws(() => p.call('peek', BigInt(7 * 65536 - 7)), {trap: 'OUT_OF_BOUNDS'});
		assert.equal(p.call('peek', BigInt(7 * 65536 - 8)), 0n);
	},

	async 'capabilities, fuel and interrupts hold'() {
		const module = await build('.export hello\n.export spin\n.func main() -> 0\nRET\n.end\n.func hello() -> 0\nMOVI R0, 72\nSYSCALL 0x0A\nYIELD\nRET\n.end\n' +
			'.func spin() -> 0\nagain: YIELD\nJMP again\n.end\n', '--fuel=1000000');
		const text = [], host = {print: (bytes) => text.push(...bytes), yield() {}};
		const p = await instantiate(module, {host, capabilities: ['stdio']});
		p.call('hello');
		assert.deepEqual(text, [72]);
		assert.throws(() => p.call('spin'), {trap: 'FUEL'});
		const denied = await instantiate(module, {host});
		assert.throws(() => denied.call('hello'), {trap: 'DENIED'});
		const stopped = await instantiate(module, {host: {yield: () => stopped.interrupt()}});
		assert.throws(() => stopped.call('spin'), {trap: 'INTERRUPTED'});
		await assert.rejects(instantiate(module, {capabilities: ['everything']}), /'everything' is no capability/);
	},

	async 'flush reaches the host'() {
		const module = await build('.func main() -> 0\nSYSCALL flush\nHLT\n.end\n');
		let count = 0;
		(await instantiate(module, {capabilities: ['stdio'], host: {flush() { count++; }}})).run();
		(await instantiate(module, {capabilities: ['stdio']})).run();
		assert.equal(count, 1);
	},

	async 'whatever goes wrong is a VspError'() {
		const module = await build('.import host.f(0) -> 1\n.export f\n.export call\n.func main() -> 0\nRET\n.end\n.func f(1) -> 1\nRET\n.end\n' +
			'.func call() -> 1\nHCALL host.f\nRET\n.end\n');
		const wrong = (status, attempt, message = /./) => assert.rejects(async () => attempt(),
			(error) => error instanceof VspError && error.status === status && message.test(error.message) || assert.fail(`${error.stack}, status ${error.status}`));
		const p = await instantiate(module, {imports: {'host.f': () => 1n}});
		for (const value of [1.5, 'x', null, undefined, {}, Symbol('s'), NaN, Infinity, [1]])
			await wrong('argument', () => p.call('f', value), /argument 0 of 'f' is/);
		assert.deepEqual(['7', 7, true, 7n].map((value) => p.call('f', value)), [7n, 7n, 1n, 7n]);
		for (const index of [-1, 16, 1.5, 'x', undefined])
			await wrong('argument', () => p.register(index));
		for (const name of [null, undefined, Symbol('s').description, {}, 'toString', '__proto__'])
			await wrong('argument', () => p.call(name), /exports no function/);

		/* Modules. */
		const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
		for (const bytes of [Buffer.from('junk'), new Uint8Array(0), empty.subarray(0, 7), 'text', 5, null, undefined, {}])
			await wrong('format', () => instantiate(bytes), /no WebAssembly module/);
		await wrong('format', () => instantiate(empty), /not made by vspc/);
		await wrong('format', () => command(empty), /not made by vspc/);
		const imports = new Uint8Array([...empty, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 0x65, 1, 0x66, 0, 0]); /* import e.f */
		await wrong('format', () => instantiate(imports), /imports e\.f/);
		await wrong('io', () => instantiate(Promise.reject(new TypeError('fetch failed'))), /fetch failed/);
		await wrong('io', () => instantiate(new Response('no', {status: 404, statusText: 'Not Found'})), /404 Not Found/);

		/* Options. */
		for (const options of [null, 5, 'x', {maxMemory: 'x'}, {maxMemory: 1.5}, {fuel: {}}, {capabilities: 'stdio'}, {capabilities: [5]}, {host: 5},
			{host: {print: 5}}, {host: {args: 'x'}}, {host: {args: [5]}}, {imports: {'host.f': 5}}, {imports: {get 'host.f'() { throw new Error('no'); }}}])
			await wrong('argument', () => instantiate(module, options));
		for (const value of [1.5, 'x', null, undefined, [1n]]) {
			const broken = await instantiate(module, {imports: {'host.f': () => value}});
			await wrong('trapped', () => broken.call('call'));
		}

		/* Instances that have been freed, and one that is freed by its own run. */
		p.free();
		p.free();
		for (const use of [() => p.run(), () => p.call('f', 1n), () => p.memory, () => p.register(0), () => p.exitCode, () => p.lastError(), () => p.interrupt()])
			await wrong('argument', use, /freed/);
		const own = await instantiate(module, {imports: {'host.f'() { this.free(); return 1n; }}});
		await wrong('trapped', () => own.call('call'));
		assert.equal(own.call('f', 3n), 3n);
	},

	async 'instances of one module are apart'() {
		const module = await build('.export next\n.data\nx: .quad 0\n.code\n.func main() -> 0\nRET\n.end\n.func next() -> 1\nMOVI R1, x\nLOAD R0, [R1]\nADDI R0, R0, 1\nSTORE R0, [R1]\nRET\n.end\n');
		const [a, b] = [await instantiate(module), await instantiate(module)];
		assert.deepEqual([a.call('next'), a.call('next'), b.call('next')], [1n, 2n, 1n]);
	},
};

let failures = 0;
for (const [name, test] of Object.entries(tests)) {
	try {
		await test();
	} catch (error) {
		console.error(`FAIL: ${name}: ${error.stack}`);
		failures++;
	}
}
process.exitCode = failures ? 1 : 0;
