// Runs one kernel as WebAssembly under node: wasm.mjs FILE.wasm N REPEATS. Prints what native.c
// prints; the first call includes reading, compiling and instantiating the module.
import { readFileSync } from "node:fs";

const [file, n, repeats] = process.argv.slice(2);
const now = process.hrtime.bigint;
const begin = now();
const { kernel } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file))).exports;
const lines = [];
for (let i = 0; i < Number(repeats); i++) {
	const start = now();
	const result = kernel(BigInt(n));
	const end = now();
	if (i === 0) lines.push(result, end - begin);
	lines.push(end - start);
}
console.log(lines.join("\n"));
