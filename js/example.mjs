/*
 * An example of the package: a program that asks JavaScript for samples and returns their energy.
 * In a project of your own the import is from '@vsp/core'.
 */
import {Vsp, VspError} from './index.js';

const source = `
	.import host.sample(1) -> 1     ; sample(i)
	.export energy

.func main
	RET
.end

; energy(count): the sum of the squares of samples 0 .. count-1
.func energy(1) -> 1
	MOV  R4, R0             ; count
	MOVI R5, 0              ; i
	MOVI R6, 0              ; sum
	BZ   R4, done
next:	MOV  R0, R5
	HCALL host.sample
	MUL  R0, R0, R0
	ADD  R6, R6, R0
	ADDI R5, R5, 1
	BLT  R5, R4, next
done:	MOV  R0, R6
	RET
.end
`;

const vsp = await Vsp.load();
const samples = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n];
const instance = vsp.instantiate(source, {name: 'energy.sil', imports: {'host.sample': (i) => samples[i]}});
console.log(`energy of 10 samples: ${instance.call('energy', 10n)}`);

try {
	instance.call('energy', 11n); /* there is no sample 10 */
} catch (error) {
	if (!(error instanceof VspError))
		throw error;
	console.log(`${error.trap} in ${error.function}, line ${error.line}: ${error.cause.message}`);
}
