#!/usr/bin/env -S node --no-warnings
/*
 * Runs a program for WASI, such as the vspc.wasm of the preset wasi, under Node.js:
 *
 *     node --no-warnings wasi.mjs PROGRAM.wasm [ARGUMENT...]
 *
 * VSP_WASI_PROGRAM may name the program instead. It gets the environment, the folder it was started
 * in, and those top folders that arguments name by absolute paths. wasi-libc takes /a and a for the
 * same path, so granting all of / would hide the folder it was started in.
 */
import {readFileSync} from 'node:fs';
import {WASI} from 'node:wasi';

const words = process.argv.slice(2), program = process.env.VSP_WASI_PROGRAM ?? words.shift();
if (!program) {
	console.error('usage: wasi.mjs PROGRAM.wasm [ARGUMENT...]');
	process.exit(2);
}
const tops = words.flatMap((word) => word.match(/^(?:-[^=]*=)?(\/[^/]+)\//)?.[1] ?? []);
const preopens = Object.fromEntries(['.', ...tops].map((folder) => [folder, folder]));
const wasi = new WASI({version: 'preview1', args: [program, ...words], env: process.env, preopens, returnOnExit: true});
const module = await WebAssembly.compile(readFileSync(program));
process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
