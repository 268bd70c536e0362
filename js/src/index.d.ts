/** A point of 8 bits in log-polar form: e^rho * e^(i * theta * pi / 8). */
export interface ByteSil {
	byte: number;
	/** -8 to 7; -8 is null, the point 0 */
	rho: number;
	/** 0 to 15, sixteenths of a turn */
	theta: number;
	isNull: boolean;
	radius: number;
	angle: number;
	re: number;
	im: number;
}

/** The meanings that instructions give to the 64 bits of a register. */
export interface Views {
	signed: bigint;
	unsigned: bigint;
	hex: string;
	double: number;
	/** of the low 32 bits */
	single: number;
	/** of the low 8 bits */
	byteSil: ByteSil;
}
export function byteSil(byte: number): ByteSil;
export function views(value: bigint): Views;

/** A message of the assembler. Columns and lengths count bytes of UTF-8, from 1. */
export interface Diagnostic {
	severity: 'error' | 'warning' | 'note';
	file: string;
	line: number;
	column: number;
	/** bytes to underline, from the column on */
	length: number;
	message: string;
	/** the line of the source */
	source: string;
	/** text that would be right in place of what is underlined */
	suggestion: string | null;
}

export interface Frame {
	pc: number | null;
	line: number | null;
	function: string;
}

export type Status = 'halted' | 'trapped' | 'argument' | 'memory' | 'io' | 'format' | 'syntax' | 'link' | 'unsupported' | 'host';
export type Trap = 'OUT_OF_BOUNDS' | 'STACK_OVERFLOW' | 'CALL_DEPTH' | 'DIV_BY_ZERO' | 'BAD_FUNCTION' | 'EXPLICIT' | 'FUEL' | 'INTERRUPTED'
	| 'BACKEND' | 'HOST' | 'DENIED' | 'UNSUPPORTED' | 'BAD_MODE';

/**
 * Every failure: errors in source, traps, and calls that cannot be made. cause is what a callback
 * has thrown.
 */
export class VspError extends Error {
	status: Status;
	trap?: Trap | null;
	/** of EXPLICIT */
	trapCode?: number;
	pc?: number | null;
	function?: string;
	file?: string;
	line?: number | null;
	column?: number | null;
	/** in a file that is no program */
	offset?: number;
	/** of a trap, innermost first; the 16 innermost of long ones */
	trace?: Frame[];
	/** of source text */
	diagnostics?: Diagnostic[];
	/** of a program that has ended inside call() */
	exitCode?: number | null;
}

export interface Signature {
	name: string;
	params: number;
	results: number;
}
export interface FunctionInfo extends Signature {
	kind: 'function' | 'transform' | 'kernel';
	exported: boolean;
	start: number;
	size: number;
}
export interface Instruction {
	pc: number;
	size: number;
	file: string | null;
	line: number | null;
}

type Integer = bigint | number | string | boolean;
type Text = string | Uint8Array;

/**
 * The program's surroundings; what is missing traps UNSUPPORTED. false, or undefined for values,
 * does the same.
 */
export interface Host {
	yield?(): void;
	in?(port: number): number | null | undefined;
	out?(port: number, byte: number): boolean | void;
	sense?(sensor: number): number | null | undefined;
	act?(actuator: number, byte: number): boolean | void;
	sync?(id: number): boolean | void;
	broadcast?(channel: number, state: Uint8Array): boolean | void;
	receive?(channel: number): Uint8Array | null | undefined;
	entangle?(a: number, b: number, valueA: bigint, valueB: bigint): boolean | void;
	print?(text: Uint8Array): void;
	/** null at the end of the input */
	readLine?(): Text | null;
	clockNs?(): Integer;
	randomU64?(): Integer;
	flush?(): void;
}

export type Capability = 'stdio' | 'args' | 'clock' | 'random' | 'models' | 'gpu' | 'npu';

export interface InstanceOptions {
	/** "module.name": a function of BigInts, whose this is the instance */
	imports?: Record<string, (this: Instance, ...args: bigint[]) => Integer | Integer[] | void>;
	/** without one the output is kept, see Instance.output */
	host?: Host;
	/** what the program reads, without a host */
	input?: Text;
	/** of the program, for SYSCALLs */
	args?: string[];
	/** stdio and args unless given */
	capabilities?: Capability[];
	/** instructions until the trap FUEL */
	fuel?: Integer;
	/** bytes of linear memory */
	maxMemory?: Integer;
	/** nested activations */
	maxDepth?: Integer;
	deterministic?: boolean;
	checkKernels?: boolean;
}

export interface SourceOptions {
	/** for messages; program.sil unless given */
	name?: string;
	/** what .include and .model name: contents by path, or a function */
	files?: Record<string, Text> | ((path: string) => Text | null | undefined);
}

export interface RunUntil {
	/** code addresses */
	breakpoints?: Iterable<number>;
	steps?: number;
	/** milliseconds */
	timeLimit?: number;
}
export interface RunUntilResult {
	ended: boolean;
	stopped?: boolean;
	timedOut?: boolean;
	steps: number;
}

export interface Flags { Z: boolean; N: boolean; O: boolean; C: boolean; H: boolean; }
export interface State {
	end: 'none' | 'returned' | 'halted' | 'exited' | 'trapped';
	pc: number | null;
	sp: number;
	mode: number;
	flags: Flags;
}

interface TypedArrayClass<T> {
	new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
	readonly BYTES_PER_ELEMENT: number;
}

/** What instances in the interpreter and compiled programs have in common. */
export interface Runnable {
	run(options?: {timeLimit?: number}): number;
	call(name: string, ...args: Integer[]): bigint | bigint[] | undefined;
	interrupt(): void;
	reset(): void;
	free(): void;
	readonly functions: Signature[];
	readonly imports: Signature[];
	readonly output: string;
	readonly memory: Uint8Array;
	array<T>(kind: TypedArrayClass<T>, address?: number, length?: number): T;
	readonly registers: BigInt64Array;
	register(index: number): bigint;
	views(index: number): Views;
	readonly exitCode: number | null;
}

export interface Instance extends Runnable {
	step(): boolean;
	runUntil(options?: RunUntil): RunUntilResult;
	readonly gradients: Float32Array;
	readonly state: State;
	readonly cycles: bigint;
}

export interface Module {
	readonly functions: FunctionInfo[];
	readonly imports: Signature[];
	readonly entry: number;
	readonly dataStart: number;
	line(pc: number): {file: string; line: number} | null;
	instructions(): Iterable<Instruction>;
	write(): Uint8Array;
	disassemble(): string;
	instantiate(options?: InstanceOptions): Instance;
	free(): void;
}

type WasmSource = BufferSource | WebAssembly.Module | Response | Promise<BufferSource | WebAssembly.Module | Response>;

export class Vsp {
	static load(source?: WasmSource): Promise<Vsp>;
	readonly version: string;
	assemble(source: Text, options?: SourceOptions): Module;
	load(bytes: BufferSource): Module;
	check(source: Text, options?: SourceOptions): Diagnostic[];
	instantiate(source: Text, options?: SourceOptions & InstanceOptions): Instance;
}

export interface CompiledInstance extends Omit<Runnable, 'run'> {}
export class CompiledInstance {
	run(options?: {timeLimit?: undefined}): number;
}
export function loadCompiled(source: WasmSource, options?: Omit<InstanceOptions, 'maxDepth' | 'deterministic' | 'checkKernels'>): Promise<CompiledInstance>;
