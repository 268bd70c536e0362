/*
 * The layers L0 to LF, the low bytes of the registers, as points of the complex plane. The plane is
 * drawn log-polar: rho -8 (null) is its middle, each further rho a ring, and theta the angle.
 */
import {byteSil} from '@vsp/core';

const SVG = 'http://www.w3.org/2000/svg', RADIUS = 100, RINGS = 15;

function add(parent, name, attributes, text) {
	const node = document.createElementNS(SVG, name);
	for (const [key, value] of Object.entries(attributes))
		node.setAttribute(key, value);
	if (text !== undefined)
		node.textContent = text;
	parent.append(node);
	return node;
}

/* Where a byte is drawn; y grows downwards. */
export function place(byte) {
	const {rho, angle} = byteSil(byte), radius = (rho + 8) / RINGS * RADIUS;
	return {x: radius * Math.cos(angle), y: -radius * Math.sin(angle)};
}

function drawPlane(svg) {
	const grid = add(svg, 'g', {class: 'grid'});
	for (let rho = -7; rho <= 7; rho++)
		add(grid, 'circle', {r: (rho + 8) / RINGS * RADIUS, class: rho === 0 ? 'unit' : ''});
	for (let theta = 0; theta < 16; theta++) {
		const angle = theta * Math.PI / 8, x = Math.cos(angle), y = -Math.sin(angle);
		add(grid, 'line', {x1: x * RADIUS / RINGS, y1: y * RADIUS / RINGS, x2: x * RADIUS, y2: y * RADIUS, class: theta % 4 ? '' : 'axis'});
		add(grid, 'text', {x: x * 112, y: y * 112 + 2, class: 'theta'}, theta.toString(16).toUpperCase());
	}
	for (const [rho, name] of [[-4, 'e⁻⁴'], [0, '1'], [4, 'e⁴'], [7, 'e⁷']])
		add(grid, 'text', {x: (rho + 8) / RINGS * RADIUS - 1.5, y: 7, class: 'rho'}, name);
}

export class Layers {
	#trails = [];
	#dots = [];
	#labels;

	constructor(svg) {
		drawPlane(svg);
		const trails = add(svg, 'g', {class: 'trails'}), dots = add(svg, 'g', {class: 'dots'});
		this.#labels = add(svg, 'g', {class: 'labels'});
		for (let i = 0; i < 16; i++) {
			this.#trails.push(add(trails, 'line', {style: `--hue:${i * 22.5}`}));
			const dot = add(dots, 'circle', {r: 5, 'data-layer': i, style: `--hue:${i * 22.5}`});
			add(dot, 'title', {});
			this.#dots.push(dot);
		}
	}

	/* Moves the points; before (null: none) is where lines begin that show the way. */
	show(bytes, before) {
		const groups = new Map();
		bytes.forEach((byte, i) => {
			const at = place(byte), from = before ? place(before[i]) : at, dot = this.#dots[i], {rho, theta, isNull} = byteSil(byte);
			dot.style.transform = `translate(${at.x}px, ${at.y}px)`;
			dot.dataset.byte = byte;
			dot.classList.toggle('changed', Boolean(before) && before[i] !== byte);
			dot.firstChild.textContent = `L${i.toString(16).toUpperCase()}: ${isNull ? 'null' : `e^${rho} · e^(i·${theta}π/8)`}`;
			for (const [key, value] of Object.entries({x1: from.x, y1: from.y, x2: at.x, y2: at.y}))
				this.#trails[i].setAttribute(key, value);
			const key = `${at.x.toFixed(2)} ${at.y.toFixed(2)}`, group = groups.get(key) ?? {at, names: ''};
			group.names += i.toString(16).toUpperCase();
			groups.set(key, group);
		});
		this.#labels.replaceChildren();
		for (const {at, names} of groups.values())
			add(this.#labels, 'text', {x: at.x + 6.5, y: at.y - 5, class: 'name'}, names.length === 16 ? 'L0–LF' : names);
	}
}
