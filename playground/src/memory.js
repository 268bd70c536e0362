/*
 * The view of memory: bytes from an address on, with characters beside them, those changed by the
 * last step and the place of SP marked.
 */
const START = 0x10000, ROWS = 16;

const hex = (value, digits) => value.toString(16).toUpperCase().padStart(digits, '0');

export class Memory {
	#pre;
	#old = new Map();
	shown = START; /* the first address that is shown */
	address = null; /* null: where the data begins */

	constructor(pre) { this.#pre = pre; }

	get columns() { return this.#pre.clientWidth < 480 ? 8 : 16; }
	get page() { return this.columns * ROWS; }

	/* memory: all of it, or null without a program; the first 64 KiB are not to be read. */
	show(memory, dataStart, sp, fresh) {
		if (!memory) {
			this.#pre.textContent = '';
			return;
		}
		const columns = this.columns, last = Math.max(START, memory.length - this.page), wanted = this.address ?? dataStart;
		const address = Math.min(Math.max(START, wanted - wanted % columns), last);
		this.shown = address;
		if (fresh)
			this.#old.clear();
		const rows = [];
		for (let at = address; at < Math.min(address + this.page, memory.length); at += columns)
			rows.push(this.#row(memory, at, columns, sp));
		this.#pre.replaceChildren(...rows);
		this.#old = new Map(Array.from(memory.subarray(address, address + this.page), (byte, i) => [address + i, byte]));
	}

	#row(memory, at, columns, sp) {
		const row = document.createElement('div'), address = document.createElement('b');
		address.textContent = hex(at, 6);
		row.append(address);
		let text = '';
		for (let i = at; i < at + columns; i++) {
			const byte = document.createElement('i'), value = memory[i];
			byte.textContent = hex(value, 2);
			byte.className = [this.#old.has(i) && this.#old.get(i) !== value ? 'changed' : '', i === sp ? 'sp' : '', value ? '' : 'zero'].join(' ').trim();
			row.append(byte);
			text += value >= 32 && value < 127 ? String.fromCharCode(value) : '·';
		}
		const characters = document.createElement('span');
		characters.textContent = text;
		row.append(characters);
		return row;
	}
}
