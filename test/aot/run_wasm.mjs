#!/usr/bin/env node
/*
 * Stands in for vspc in the program tests, as run_shared.c does for shared objects: compiles the
 * program for WebAssembly, runs it through vsp.mjs and prints the final state as vspc --dump=json
 * does, as far as a host can see it.
 *
 *     run_wasm.mjs [OPTIONS] --dump=json --input FILE [OPTIONS] --run PROGRAM \
 *         [--invoke NAME ARGS | -- ARGS]
 *
 * The environment names vspc (VSP_TEST_VSPC) and a folder for the module (VSP_TEST_WORK). OPTIONS
 * go to vspc --aot.
 */
import {execFileSync} from 'node:child_process';
import {readFileSync, writeSync} from 'node:fs';
import {instantiate, VspError} from '../../aot/js/vsp.mjs';

function parse(argv) {
	const request = {options: [], args: []};
	while (argv.length) {
		const word = argv.shift();
		if (word === '--input')
			request.input = argv.shift();
		else if (word === '--run')
			request.program = argv.shift();
		else if (word === '--invoke' || word === '--') {
			request.invoke = word === '--invoke' ? argv.shift() : undefined;
			request.args = argv.splice(0);
		} else if (word !== '--dump=json')
			request.options.push(word);
	}
	return request;
}

/* A host over a file and stdout, as runtime/host/stdio_host.c is. */
function makeHost(input, args) {
	let at = 0, last = 10;
	const channels = new Map(), out = [];
	const print = (bytes) => {
		out.push(Buffer.from(bytes));
		last = bytes.length ? bytes[bytes.length - 1] : last;
	};
	const readByte = (port) => (port === 0 ? (at < input.length ? input[at++] : null) : undefined);
	const writeByte = (port, byte) => (port === 0 ? print([byte]) : false);
	return {
		args, print, in: readByte, sense: readByte, out: writeByte, act: writeByte,
		sync() {},
		broadcast: (channel, state) => { channels.set(channel, [...(channels.get(channel) ?? []), state]); },
		receive: (channel) => channels.get(channel)?.shift() ?? null,
		readLine() {
			if (at >= input.length)
				return null;
			const found = input.indexOf(10, at), end = found < 0 ? input.length : found, line = input.subarray(at, end);
			at = end + 1;
			return line;
		},
		finish() {
			if (last !== 10)
				out.push(Buffer.from('\n'));
			for (let all = Buffer.concat(out), done = 0; done < all.length;)
				done += writeSync(1, all, done);
		},
	};
}

function argument(text) {
	if (text.includes('.') && !text.startsWith('0x'))
		return new BigInt64Array(new Float64Array([Number(text)]).buffer)[0];
	return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}

/* FNV-1a 64, the first 64 KiB counted as zeros; in halves of 32 bits, since BigInts are slow. */
function hash(memory) {
	let high = 0xCBF29CE4, low = 0x84222325;
	for (let i = 0; i < memory.length; i++) {
		low = (low ^ (i < 65536 ? 0 : memory[i])) >>> 0;
		const product = low * 0x1B3; /* the prime is 2^40 + 0x1B3 */
		high = (Math.imul(high, 0x1B3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
		low = product % 2 ** 32;
	}
	return `0x${high.toString(16).padStart(8, '0')}${low.toString(16).padStart(8, '0')}`;
}

const hexadecimal = (value) => `0x${BigInt.asUintN(64, value).toString(16).padStart(16, '0')}`;

function describe(instance, error, precise) {
	const trapped = error?.status === 'trapped', state = {status: trapped ? 'trapped' : instance.exitCode === null ? 'halted' : 'exited', trap: null};
	if (trapped)
		state.trap = {kind: error.trap, code: error.trap === 'EXPLICIT' ? error.trapCode : null, pc: error.pc, function: error.function, line: error.line};
	else
		state.r = Array.from({length: 16}, (_, i) => hexadecimal(instance.register(i)));
	if (!trapped || precise)
		state.memory_fnv1a = hash(instance.memory);
	return state;
}

async function main() {
	const request = parse(process.argv.slice(2)), path = `${process.env.VSP_TEST_WORK}/program.wasm`;
	try {
		execFileSync(process.env.VSP_TEST_VSPC, ['--aot', ...request.options, request.program, '-o', path], {stdio: ['ignore', 'inherit', 'inherit']});
	} catch (error) {
		return 2;
	}
	const all = request.options.some((word) => word.startsWith('--allow='));
	const host = makeHost(readFileSync(request.input), request.invoke ? [] : request.args);
	const capabilities = ['stdio', 'args', ...(all ? ['clock', 'random', 'models'] : [])];
	let instance, error, results = [];
	try {
		instance = await instantiate(readFileSync(path), {host, capabilities});
		if (request.invoke)
			results = [instance.call(request.invoke, ...request.args.map(argument))].flat().filter((value) => value !== undefined);
		else
			instance.run();
	} catch (thrown) {
		if (!(thrown instanceof VspError))
			throw thrown;
		error = thrown;
	}
	if (error && error.status !== 'trapped' && error.status !== 'halted') {
		console.error(`run_wasm: error: ${error.message}`);
		return 2;
	}
	const state = describe(instance, error, request.options.includes('--precise-traps'));
	host.finish();
	writeSync(1, `${results.map((value) => `${value}\n`).join('')}${JSON.stringify(state)}\n`);
	if (error?.status === 'trapped')
		console.error(`trap: ${error.trap}: ${error.message}\n    in ${error.function}`);
	const status = error?.status === 'trapped' ? 1 : instance.exitCode ?? 0;
	instance.free();
	return status;
}

process.exitCode = await main();
