/*
 * Runs a compiled program as a command under Node.js, like `vspc --run`: node run.mjs prog.wasm
 * [args]
 */
import {readFileSync, readSync, writeSync} from 'node:fs';
import {isatty} from 'node:tty';
import {command} from './vsp.mjs';

const [path, ...args] = process.argv.slice(2);
if (!path) {
	console.error('usage: node run.mjs prog.wasm [args]');
	process.exit(2);
}

/* Errors of pipes that are not ready, or closed by the other side. */
function retry(operation) {
	for (;;) {
		try {
			return operation();
		} catch (error) {
			if (error.code === 'EOF')
				return 0;
			if (error.code !== 'EAGAIN')
				throw error;
		}
	}
}

/* Escapes names of files and quoted text, so that a message is one line and does not move the
   cursor. */
const shown = (text) => text.replace(/[\p{C}\u2028\u2029]/gu, (c) => [...new TextEncoder().encode(c)]
	.map((byte) => `<${byte.toString(16).toUpperCase().padStart(2, '0')}>`).join(''));

const read = (buffer) => retry(() => readSync(0, buffer));
const write = (fd, bytes) => {
	for (let done = 0; done < bytes.length;)
		done += retry(() => writeSync(fd, bytes, done));
};

try {
	process.exitCode = await command(readFileSync(path), {args: [path, ...args], env: process.env, read, write, isTerminal: isatty});
} catch (error) {
	console.error(shown(`${path}: error: ${error.message}`));
	process.exitCode = 2;
}
