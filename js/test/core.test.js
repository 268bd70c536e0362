/*
 * Tests of the package as its users see it. Expected values follow from the instruction set, not
 * from VSP's output.
 */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {byteSil, Vsp, VspError} from '@vsp/core';

const vsp = await Vsp.load();

/* The VspError that fn throws. */
function failureOf(fn) {
	try {
		fn();
	} catch (error) {
		assert.ok(error instanceof VspError, `${error}`);
		return error;
	}
	assert.fail('nothing was thrown');
}

const FIB = `	.export fib
.func main
	MOVI R0, 10
	INVOKE fib
	SYSCALL 2
	SYSCALL 0x0B
	HLT
.end
.func fib(1) -> 1
	MOVI R1, 2
	BLT R0, R1, done
	MOV R2, R0
	ADDI R0, R2, -1
	INVOKE fib
	MOV R3, R0
	ADDI R0, R2, -2
	INVOKE fib
	ADD R0, R3
done:	RET
.end
`;

test('a program runs and its output is kept', () => {
	const instance = vsp.instantiate(FIB);
	assert.equal(instance.run(), 0);
	assert.equal(instance.output, '55\n');
	assert.equal(instance.call('fib', 20n), 6765n);
	assert.equal(instance.call('fib', 7), 13n);
	instance.reset();
	assert.equal(instance.output, '');
	instance.free();
});

test('every wrong line is a diagnostic with its place, caret span and suggestion', () => {
	const error = failureOf(() => vsp.assemble('.func main\n\tMOVI R0, 1\n\tADDQ R0, R1\n\tJMP nowhere\n\tHLT\n.end\n', {name: 'wrong.sil'}));
	assert.equal(error.status, 'syntax');
	assert.equal(error.file, 'wrong.sil');
	assert.deepEqual([error.line, error.column], [3, 2]);
	const [first, second] = error.diagnostics;
	assert.deepEqual([first.severity, first.line, first.column, first.length, first.source], ['error', 3, 2, 4, '\tADDQ R0, R1']);
	assert.deepEqual([second.line, second.column, second.length], [4, 6, 7]);
	assert.deepEqual(vsp.check('.func main\n\tHLT\n.end\n'), []);
	assert.equal(vsp.check('.func main\n\tHLTT\n.end\n')[0].suggestion, 'HLT');
});

test('included files come from the options', () => {
	const source = '\t.include "one.inc"\n.func main\n\tMOVI R0, ONE\n\tHLT\n.end\n';
	const instance = vsp.instantiate(source, {files: {'one.inc': '\t.const ONE, 41\n'}});
	instance.run();
	assert.equal(instance.register(0), 41n);
	assert.match(failureOf(() => vsp.assemble(source)).message, /no such file/);
	const inside = failureOf(() => vsp.assemble(source, {files: {'one.inc': '\t.const ONE\n'}}));
	assert.equal(inside.file, 'one.inc');
});

test('a trap is an Error with kind, place and back trace', () => {
	const source = '.func main\n\tMOVI R0, 1\n\tINVOKE divide\n\tHLT\n.end\n.func divide(1) -> 1\n\tMOVI R1, 0\n\tDIV R0, R0, R1\n\tRET\n.end\n';
	const error = failureOf(() => vsp.instantiate(source, {name: 'trap.sil'}).run());
	assert.equal(error.status, 'trapped');
	assert.equal(error.trap, 'DIV_BY_ZERO');
	assert.deepEqual([error.file, error.line, error.function], ['trap.sil', 8, 'divide']);
	assert.deepEqual(error.trace.map((frame) => [frame.function, frame.line]), [['divide', 8], ['main', 3]]);
});

test('steps show the state before each instruction', () => {
	const instance = vsp.instantiate('.func main\n\tMOVI R0, 7\n\tMOVI R1, 5\n\tSUB R2, R1, R0\n\tHLT\n.end\n');
	assert.equal(instance.step(), false);
	assert.equal(instance.register(0), 7n);
	assert.equal(instance.register(1), 0n);
	instance.step();
	instance.step();
	assert.equal(instance.register(2), -2n);
	assert.equal(instance.state.flags.N, true);
	assert.equal(instance.step(), true);
	assert.equal(instance.state.end, 'halted');
	assert.equal(instance.cycles, 4n);
});

test('a run stops at breakpoints and goes on', () => {
	const module = vsp.assemble('.func f(0) -> 0\n\tRET\n.end\n.func main\n\tMOVI R0, 0\n\tMOVI R1, 3\nagain:\tADDI R0, R0, 1\n\tBLT R0, R1, again\n\tHLT\n.end\n');
	const stops = [...module.instructions()].filter(({line}) => line === 7).map(({pc}) => pc), instance = module.instantiate(), seen = [];
	for (let result; !(result = instance.runUntil({breakpoints: stops})).ended;) {
		assert.equal(result.stopped, true);
		assert.equal(module.line(instance.state.pc).line, 7);
		seen.push(instance.register(0));
	}
	assert.deepEqual(seen, [0n, 1n, 2n]);
	assert.equal(module.line(module.entry).line, 5);
	assert.equal(instance.register(0), 3n);
});

test('a breakpoint at the last step of a limit stops too', () => {
	const module = vsp.assemble('.func main\n\tMOVI R0, 0\n\tHLT\n.end\n'), second = [...module.instructions()][1].pc;
	assert.deepEqual(module.instantiate().runUntil({breakpoints: [second], steps: 1}), {ended: false, stopped: true, steps: 1});
	assert.deepEqual(module.instantiate().runUntil({steps: 1}), {ended: false, steps: 1});
});

test('imports are functions of BigInts, and what they throw is the cause of the trap', () => {
	const source = '\t.import host.mix(2) -> 1\n.func main\n\tMOVI R0, 6\n\tMOVI R1, 7\n\tHCALL host.mix\n\tHLT\n.end\n';
	const instance = vsp.instantiate(source, {imports: {'host.mix': (a, b) => a * b}});
	instance.run();
	assert.equal(instance.register(0), 42n);
	const thrown = new Error('no'), error = failureOf(() => vsp.instantiate(source, {imports: {'host.mix': () => { throw thrown; }}}).run());
	assert.equal(error.trap, 'HOST');
	assert.equal(error.cause, thrown);
	assert.equal(failureOf(() => vsp.instantiate(source).run()).status, 'link');
	assert.equal(failureOf(() => vsp.instantiate(source, {imports: {'host.mix': () => [1n, 2n].x}}).run()).trap, 'HOST');
});

test('callbacks may call the program, up to a limit', () => {
	const source = '\t.import host.again(1) -> 1\n\t.export down\n.func main\n\tHLT\n.end\n.func down(1) -> 1\n\tBZ R0, done\n\tADDI R0, R0, -1\n\tHCALL host.again\n\tADDI R0, R0, 1\ndone:\tRET\n.end\n';
	const instance = vsp.instantiate(source, {imports: {'host.again'(n) { return this.call('down', n); }}});
	assert.equal(instance.call('down', 50n), 50n);
	let error = failureOf(() => instance.call('down', 1000n));
	assert.equal(error.trap, 'HOST');
	while (error.cause)
		error = error.cause;
	assert.equal(error.trap, 'CALL_DEPTH');
	assert.equal(instance.call('down', 3n), 3n);
});

test('memory is a view, and one that is fetched after growth has the new size', () => {
	const source = '\t.memory 2, 64\n\t.export grow\n\t.export first\n.func main\n\tHLT\n.end\n.func grow(1) -> 1\n\tMEMGROW R0, R0\n\tRET\n.end\n.func first(0) -> 1\n\tMOVI R1, 0x10000\n\tLOAD R0, [R1]\n\tRET\n.end\n';
	const instance = vsp.instantiate(source), before = instance.memory;
	assert.equal(before.length, 2 * 65536);
	instance.array(BigInt64Array)[0] = 123n;
	assert.equal(instance.call('first'), 123n);
	assert.equal(instance.call('grow', 40n), 2n);
	assert.equal(instance.memory.length, 42 * 65536);
	assert.equal(instance.array(BigInt64Array)[0], 123n);
	assert.equal(instance.array(Float64Array, 0x20000, 4).length, 4);
	assert.equal(failureOf(() => instance.array(Float64Array, 42 * 65536 - 8, 2)).status, 'argument');
});

test('errors inside a callback are the cause, not the error, of the run', () => {
	const source = '\t.import host.do(0) -> 0\n\t.export go\n.func main\n\tHLT\n.end\n.func go(0) -> 0\n\tHCALL host.do\n\tRET\n.end\n';
	for (const forbidden of ['run', 'step', 'reset', 'free']) {
		const error = failureOf(() => vsp.instantiate(source, {imports: {'host.do'() { this[forbidden](); }}}).call('go'));
		assert.deepEqual([error.trap, error.cause.status], ['HOST', 'argument'], forbidden);
	}
	const instance = vsp.instantiate(source, {imports: {'host.do'() { vsp.check('wrong'); }}});
	instance.call('go');
});

test('a recursion in a callback that uses up the stack ends the instance alone', () => {
	const source = '\t.import host.do(0) -> 0\n\t.export go\n.func main\n\tHLT\n.end\n.func go(0) -> 0\n\tHCALL host.do\n\tRET\n.end\n';
	const endless = () => endless() + 1, instance = vsp.instantiate(source, {imports: {'host.do': endless}});
	assert.equal(failureOf(() => instance.call('go')).trap, 'CALL_DEPTH');
	assert.match(failureOf(() => instance.call('go')).message, /only free\(\) is left/);
	instance.free();
	assert.equal(vsp.instantiate(FIB).run(), 0);
});

test('files may be made by assembling others, and what their function throws is the cause', () => {
	const source = '\t.include "a"\n.func main\n\tHLTX\n.end\n';
	const found = vsp.check(source, {files: () => { vsp.check('wrong'); return '\t.const A = 1\n'; }});
	assert.deepEqual(found.map(({line}) => line), [3]);
	const thrown = new Error('no');
	assert.equal(failureOf(() => vsp.assemble(source, {files: () => { throw thrown; }})).cause, thrown);
});

test('data begins where the module says', () => {
	const module = vsp.assemble('\t.stack 0x8000\n\t.data\n\t.byte 7, 8\n\t.code\n.func main\n\tHLT\n.end\n');
	assert.equal(module.dataStart, 0x18000);
	assert.deepEqual([...module.instantiate().memory.subarray(0x18000, 0x18003)], [7, 8, 0]);
});

test('memory of one instance grows while another one is shown', () => {
	const source = '\t.memory 2, 1000\n\t.export grow\n.func main\n\tHLT\n.end\n.func grow(1) -> 1\n\tMEMGROW R0, R0\n\tRET\n.end\n';
	const a = vsp.instantiate(source), b = vsp.instantiate(source);
	a.memory[0x10000] = 9;
	b.call('grow', 900n);
	assert.equal(a.memory[0x10000], 9);
});

test('fuel and time end endless programs', () => {
	const endless = '.func main\nagain:\tJMP again\n.end\n';
	assert.equal(failureOf(() => vsp.instantiate(endless, {fuel: 1000}).run()).trap, 'FUEL');
	const instance = vsp.instantiate(endless);
	assert.equal(failureOf(() => instance.run({timeLimit: 20})).trap, 'INTERRUPTED');
	instance.reset();
	assert.equal(instance.runUntil({timeLimit: 5}).timedOut, true);
	assert.equal(instance.runUntil({steps: 10}).steps, 10);
});

test('a program reads its input and its arguments', () => {
	const echo = '.func main\n\tMOVI R1, 0\n\tIN R1, 0\n\tOUT R1, 0\n\tIN R1, 0\n\tOUT R1, 0\n\tHLT\n.end\n';
	const instance = vsp.instantiate(echo, {input: 'hi'});
	instance.run();
	assert.equal(instance.output, 'hi');
	instance.reset();
	instance.run();
	assert.equal(instance.output, 'hi');
});

test('a host of its own gets what the program prints', () => {
	const printed = [], host = {print: (bytes) => printed.push(new TextDecoder().decode(bytes))};
	const instance = vsp.instantiate(FIB, {host});
	instance.run();
	assert.equal(printed.join(''), '55\n');
	assert.equal(instance.output, '');
	assert.equal(failureOf(() => vsp.instantiate('.func main\n\tOUT R0, 5\n\tHLT\n.end\n').run()).trap, 'UNSUPPORTED');
	assert.equal(failureOf(() => vsp.instantiate(FIB, {capabilities: []}).run()).trap, 'DENIED');
});

test('files are written, read and disassembled to the identical file', () => {
	const module = vsp.assemble(FIB), bytes = module.write(), again = vsp.load(bytes);
	assert.deepEqual(again.write(), bytes);
	assert.deepEqual(vsp.assemble(again.disassemble()).write(), bytes);
	assert.deepEqual(again.functions.find((f) => f.name === 'fib'), {...again.functions[1], params: 1, results: 1, kind: 'function', exported: true});
	assert.equal(failureOf(() => vsp.load(bytes.subarray(0, 40))).status, 'format');
	assert.equal(failureOf(() => vsp.load(new Uint8Array(9))).status, 'format');
});

test('a WebAssembly module is a program too', () => {
	/* (module (func (export "twice") (param i32) (result i32) local.get 0 local.get 0
	   i32.add)) */
	const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 7, 9, 1, 5, 116, 119, 105, 99, 101, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 0, 106, 11);
	const instance = vsp.load(bytes).instantiate();
	assert.equal(instance.call('twice', 21n), 42n);
});

test('a register is seen as integer, float and ByteSil', () => {
	const instance = vsp.instantiate('.func main\n\tMOVI R0, -1\n\tMOVI R1, 0x3FF8000000000000\n\tMOVI R2, 0x94\n\tHLT\n.end\n');
	instance.run();
	assert.deepEqual([instance.views(0).signed, instance.views(0).unsigned, instance.views(0).hex], [-1n, (1n << 64n) - 1n, '0xffffffffffffffff']);
	assert.equal(instance.views(1).double, 1.5);
	const point = instance.views(2).byteSil; /* rho 1, theta 4: e times i */
	assert.deepEqual([point.rho, point.theta], [1, 4]);
	assert.ok(Math.abs(point.re) < 1e-12 && Math.abs(point.im - Math.E) < 1e-12);
	assert.deepEqual([byteSil(0x05).isNull, byteSil(0x05).re], [true, 0]);
});

test('wrong arguments are errors that say what is wrong', () => {
	const instance = vsp.instantiate(FIB);
	assert.match(failureOf(() => instance.call('fib')).message, /takes 1 argument/);
	assert.match(failureOf(() => instance.call('fub', 1n)).message, /exports no function 'fub'/);
	assert.match(failureOf(() => instance.call('fib', 1.5)).message, /must be an integer/);
	assert.match(failureOf(() => vsp.instantiate(FIB, {capabilities: ['files']})).message, /no capability/);
	assert.match(failureOf(() => vsp.instantiate(FIB, {args: 'one'})).message, /no array/);
	assert.match(failureOf(() => vsp.load('text')).message, /Uint8Array/);
	assert.match(failureOf(() => instance.runUntil({steps: NaN})).message, /numbers/);
	instance.free();
	assert.match(failureOf(() => instance.run()).message, /freed/);
});

test('a thousand instances leave no memory behind', () => {
	const module = vsp.assemble(FIB), size = () => { const i = module.instantiate(); const n = i.memory.buffer.byteLength; i.free(); return n; };
	const before = size();
	for (let i = 0; i < 1000; i++)
		module.instantiate().free();
	assert.equal(size(), before);
});
