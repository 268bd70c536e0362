/*
 * The table of registers, each in all views, with what the last step has changed marked.
 */
import {views} from '@vsp/core';

const hexDigit = (i) => i.toString(16).toUpperCase();

/* A float as short as it is exact. */
function float(value) {
	const text = String(value);
	return text.length > 12 ? value.toPrecision(7).replace(/\.?0+(e|$)/, '$1') : text;
}

const polar = ({isNull, rho, theta}) => (isNull ? 'null' : `e^${rho} ∠${theta * 22.5}°`);

export class Registers {
	#cells;
	#shown = [];

	constructor(body) {
		this.#cells = Array.from({length: 16}, (_, i) => {
			const row = body.insertRow(), head = document.createElement('th');
			head.textContent = `R${hexDigit(i)}`;
			head.scope = 'row';
			row.append(head);
			return Array.from({length: 7}, () => row.insertCell());
		});
	}

	show(registers, gradients, before) {
		this.#cells.forEach((cells, i) => {
			const v = views(registers[i]), texts = [v.hex.slice(2).replace(/^(.{8})/, '$1 '), polar(v.byteSil), String(v.signed), String(v.unsigned), float(v.double),
				float(v.single), float(gradients[i])];
			cells.forEach((cell, k) => {
				if (cell.textContent !== texts[k])
					cell.textContent = texts[k];
			});
			const row = cells[0].parentElement;
			row.classList.toggle('changed', Boolean(before) && before[i] !== registers[i]);
			row.classList.toggle('zero', registers[i] === 0n);
		});
	}
}
