/*
 * The playground in headless Chromium, from disk as users may open it: VSP_PLAYGROUND is the folder
 * that was built. VSP_SCREENSHOTS names a folder for pictures of it, for people to look at.
 */
import assert from 'node:assert/strict';
import {readFile, writeFile} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {after, before, test} from 'node:test';
import {Browser} from './browser.mjs';

const index = pathToFileURL(join(resolve(process.env.VSP_PLAYGROUND ?? 'playground'), 'index.html')).href;
let browser;

before(async () => { browser = await Browser.start(process.env.VSP_CHROMEDRIVER); });
after(() => browser?.close());

async function open(hash = '') {
	await browser.open('about:blank');
	await browser.open(index + hash);
	await browser.until('document.documentElement.dataset.ready !== undefined');
}

const text = (selector) => browser.value(`document.querySelector(${JSON.stringify(selector)}).textContent`);

async function choose(example) {
	await browser.value(`(() => { const s = document.querySelector('#example'); s.value = '${example}'; s.dispatchEvent(new Event('change')); })()`);
}

/* Takes the place of the whole text. */
async function write(source) {
	await browser.click('.cm-content');
	await browser.type(['Control', 'a']);
	await browser.value(`(() => { const data = new DataTransfer(); data.setData('text/plain', ${JSON.stringify(source)});
		document.querySelector('.cm-content').dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})); })()`);
	await new Promise((resolve_) => setTimeout(resolve_, 400)); /* it assembles when nothing has been typed for a moment */
}

async function picture(name) {
	if (process.env.VSP_SCREENSHOTS)
		await writeFile(join(process.env.VSP_SCREENSHOTS, `${name}.png`), await browser.screenshot());
}

test('an example runs and shows its output', async () => {
	await browser.size(1280, 1000);
	await open();
	await choose('fibonacci');
	await browser.click('#run');
	await browser.until('document.querySelector("#output").textContent === "75025\\n"');
	await browser.until('document.querySelector("#status").className === "good"');
	await choose('word_count'); /* which has input of its own */
	await browser.click('#run');
	await browser.until('document.querySelector("#output").textContent.startsWith("the 3\\ncat 1\\n")');
});

test('every example ends without an error, with the output that its comments expect', async () => {
	await open();
	for (const name of await browser.value('[...document.querySelector("#example").options].map((o) => o.value).filter(Boolean)')) {
		const source = await readFile(new URL(`../../examples/${name}.sil`, import.meta.url), 'utf8');
		const expected = [...source.matchAll(/^; expect-stdout: (.*)$/gm)].map(([, line]) => line).join('\n');
		await choose(name);
		await browser.click('#run');
		await browser.until('document.querySelector("#status").className === "good"');
		assert.equal((await text('#output')).trimEnd(), expected, name);
	}
});

test('an error shows its caret under the place while typing', async () => {
	await open();
	await write('.func main\n\tMOVI R0, 1\n\tMOVI R1, §\n\tADDQ R0, R1\n\tHLT\n.end\n');
	const carets = await browser.value('[...document.querySelectorAll(".caret")].map((c) => c.textContent)');
	assert.equal(carets.length, 2);
	assert.match(carets[1], /^\t\^~~~ .*ADDQ/);
	assert.equal(await text('.underlined:last-of-type'), '§');
	/* the caret is where the underlined text begins, to the pixel */
	const [from, caret] = await browser.value(`(() => {
		const mark = [...document.querySelectorAll('.underlined')].find((m) => m.textContent === 'ADDQ');
		const range = document.createRange(), arrow = document.querySelectorAll('.caret .arrow')[1].firstChild;
		range.setStart(arrow, 1); range.setEnd(arrow, 2);
		return [mark.getBoundingClientRect().left, range.getBoundingClientRect().left]; })()`);
	assert.ok(Math.abs(from - caret) < 1.5, `the text is at ${from}, the caret at ${caret}`);
	assert.match(await text('#status'), /^2 errors: line 3/);
	assert.equal(await browser.value('document.querySelector("#run").disabled'), true);
	await picture('error');
	await write('.func main\n\tHLT\n.end\n');
	assert.equal(await browser.value('document.querySelectorAll(".caret").length'), 0);
});

test('16 layers are drawn where arithmetic says', async () => {
	await open();
	/* rho from -8 (null) to 7, theta from 0 to 15: all different */
	const bytes = Array.from({length: 16}, (_, i) => i << 4 | (5 * i) % 16);
	await write(`.func main\n${bytes.map((byte, i) => `\tMOVI R${i.toString(16)}, ${byte}\n`).join('')}\tHLT\n.end\n`);
	await browser.click('#run');
	await browser.until('document.querySelector("#status").className === "good"');
	const drawn = await browser.value(`(() => {
		const unit = document.querySelector('.grid .unit').getBoundingClientRect(), x = unit.left + unit.width / 2, y = unit.top + unit.height / 2;
		return [...document.querySelectorAll('.dots circle')].map((dot) => { const r = dot.getBoundingClientRect(); return [r.left + r.width / 2 - x, r.top + r.height / 2 - y, unit.width / 2]; }); })()`);
	assert.equal(drawn.length, 16);
	drawn.forEach(([x, y, unit], i) => {
		/* the unit circle, rho 0, is the eighth ring */
		const rho = (bytes[i] >> 4) - 8, angle = (bytes[i] & 15) * Math.PI / 8, radius = unit * (rho + 8) / 8;
		assert.ok(Math.hypot(x - radius * Math.cos(angle), y + radius * Math.sin(angle)) < 1, `L${i} is at ${x}, ${y}`);
	});
	await picture('layers');
});

test('single steps, breakpoints and the views of registers', async () => {
	await open();
	await write('.func main\n\tMOVI R0, -1\n\tMOVI R1, 0x94\n\tADD R2, R0, R1\n\tHLT\n.end\n');
	await browser.type('F10');
	const row = (i) => browser.value(`[...document.querySelectorAll('#registers tbody tr')[${i}].cells].map((c) => c.textContent)`);
	assert.deepEqual((await row(0)).slice(0, 5), ['R0', 'ffffffff ffffffff', 'e^7 ∠337.5°', '-1', '18446744073709551615']);
	assert.equal(await text('.cm-line.current'), '\tMOVI R1, 0x94');
	await browser.type('F10');
	assert.equal((await row(1))[2], 'e^1 ∠90°');
	assert.equal(await browser.value('document.querySelectorAll("#registers tr.changed").length'), 1);
	await browser.type('F4');
	await browser.click('.cm-line:nth-child(4)');
	await browser.type('F9', ['Control', 'Enter']);
	await browser.until('document.querySelector(".cm-line.current")?.textContent === "\\tADD R2, R0, R1"');
	assert.equal((await row(2))[3], '0');
	await browser.type(['Control', 'Enter']);
	await browser.until('document.querySelector("#status").className === "good"');
	assert.equal((await row(2))[3], '147');
});

test('registers show the lower half as a single', async () => {
	await open();
	await write('.func main\n\tMOVI R0, 0x3fc00000\n\tMOVI R1, 0xbf000000\n\tHLT\n.end\n');
	await browser.type('F10', 'F10');
	const column = await browser.value('[...document.querySelectorAll("#registers thead th")].findIndex((h) => h.textContent === "single")');
	const row = (i) => browser.value(`document.querySelectorAll('#registers tbody tr')[${i}].cells[${column}].textContent`);
	assert.equal(await row(0), '1.5');
	assert.equal(await row(1), '-0.5');
});

test('a click beside a line sets a breakpoint, and another one removes it', async () => {
	await open();
	await write('.func main\n\tMOVI R0, 1\n\tMOVI R1, 2\n\tHLT\n.end\n');
	const clickBeside = () => browser.value(`(() => {
		const line = document.querySelectorAll('.cm-line')[2].getBoundingClientRect(), gutter = document.querySelector('.breakpoints').getBoundingClientRect();
		const at = {clientX: gutter.left + gutter.width / 2, clientY: line.top + line.height / 2, bubbles: true, cancelable: true};
		document.elementFromPoint(at.clientX, at.clientY).dispatchEvent(new MouseEvent('mousedown', at)); })()`);
	await clickBeside();
	await browser.click('#run');
	await browser.until('document.querySelector(".cm-line.current")?.textContent === "\\tMOVI R1, 2"');
	await clickBeside();
	await browser.type('F4');
	await browser.click('#run');
	await browser.until('document.querySelector("#status").className === "good"');
});

test('F8 steps by itself until the end, or until Escape', async () => {
	await open();
	await write('.func main\n\tMOVI R0, 1\n\tMOVI R1, 2\n\tMOVI R2, 3\n\tHLT\n.end\n');
	await browser.type('F8');
	await browser.until('document.querySelector("#status").className === "good"');
	assert.equal(await browser.value('document.querySelectorAll("#registers tbody tr")[2].cells[3].textContent'), '3');
	await write('.func main\nagain:\tADDI R0, R0, 1\n\tJMP again\n.end\n');
	await browser.type('F8');
	await browser.until('document.querySelector("#registers tbody tr").cells[3].textContent !== "0"');
	await browser.type('Escape');
	await browser.until('document.querySelector("#stop").disabled');
	const stopped = await text('#registers tbody tr td:nth-child(4)');
	await new Promise((resolve_) => setTimeout(resolve_, 500));
	assert.equal(await text('#registers tbody tr td:nth-child(4)'), stopped);
});

/* WCAG 2.1, "relative luminance" and "contrast ratio"; 4.5 is what its level AA asks of text. */
test('text can be read in light and in dark', async () => {
	await open();
	await choose('emergence');
	for (const theme of ['light', 'dark']) {
		await browser.until(`document.documentElement.dataset.theme === '${theme}' || (document.querySelector('#theme').click(), false)`);
		const found = await browser.value(`(() => {
			const rgb = (text) => (text.match(/[0-9.]+/g) ?? []).map(Number);
			const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
			const behind = (element) => { for (let e = element; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } };
			return [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility() && !e.disabled && !e.closest('svg, .cm-gutters, option') &&
				[...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())).map((e) => {
				const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
				return [(a + 0.05) / (b + 0.05), e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 20)];
			}).filter(([ratio]) => ratio < 4.5); })()`);
		assert.deepEqual(found, [], theme);
	}
	const [ground] = await browser.value('[getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)]');
	assert.ok(Math.max(...ground) < 64, `the dark ground is ${ground}`);
});

test('everything comes from the folder', async () => {
	await open();
	await choose('fibonacci');
	await browser.click('#run');
	await browser.until('document.querySelector("#status").className === "good"');
	const loaded = await browser.value('[location.href, ...performance.getEntriesByType("resource").map((entry) => entry.name)]');
	assert.deepEqual(loaded.filter((name) => !/^(file|data|blob):/.test(name)), []);
});

test('a trap says what, where and by whom', async () => {
	await open();
	await write('.func main\n\tINVOKE f\n\tHLT\n.end\n.func f(0) -> 0\n\tMOVI R1, 0\n\tDIV R0, R0, R1\n\tRET\n.end\n');
	await browser.click('#run');
	await browser.until('document.querySelector("#status").className === "error"');
	assert.match(await text('#status'), /^Trap DIV_BY_ZERO: .*line 7, called by main \(line 2\)/);
	assert.equal(await text('.cm-line.trapped'), '\tDIV R0, R0, R1');
});

test('an endless program leaves the page alive, and stops', async () => {
	await open();
	await write('.func main\nagain:\tADDI R0, R0, 1\n\tJMP again\n.end\n');
	await browser.click('#run');
	await browser.until('!document.querySelector("#stop").disabled');
	await browser.type('Escape');
	await browser.until('document.querySelector("#stop").disabled');
	assert.match(await text('#status'), /^Stopped before line/);
});

test('the link has program and state', async () => {
	await open();
	const source = '.func main\n\tMOVI R0, 5\n\tMOVI R1, 6\n\tHLT\n.end\n';
	await write(source);
	await browser.type('F10', 'F10');
	await browser.click('#share');
	await browser.until('location.hash.startsWith("#p=")');
	await open(await browser.value('location.hash'));
	assert.equal(await browser.value('document.querySelectorAll(".cm-line")[1].textContent'), '\tMOVI R0, 5');
	await browser.until('document.querySelectorAll("#registers tbody tr")[1].cells[3].textContent === "6"');
	assert.equal(await text('.cm-line.current'), '\tHLT');
	await open('#p=damaged'); /* begins as without one */
	assert.notEqual(await text('.cm-content'), '');
});

test('memory is shown with what steps change', async () => {
	await open();
	await write('\t.data\nplace:\t.space 8\n\t.code\n.func main\n\tMOVI R0, 0x41\n\tMOVI R1, place\n\tST8 R0, [R1]\n\tHLT\n.end\n');
	await browser.type('F10', 'F10', 'F10');
	assert.equal(await text('#memory i.changed'), '41');
	assert.equal(await text('#memory div b'), '020000'); /* where data begins unless .stack says something else */
	assert.match(await text('#memory div span'), /^A·+$/);
});

test('the page fits wide and narrow screens in light and dark', async () => {
	for (const [width, height] of [[1280, 1000], [390, 844]])
		for (const theme of ['light', 'dark']) {
			await browser.size(width, height);
			await open();
			await browser.until(`document.documentElement.dataset.theme === '${theme}' || (document.querySelector('#theme').click(), false)`);
			await choose('emergence');
			await browser.type(['Control', 'Enter']);
			for (let i = 0; i < 3; i++)
				await browser.click('#step');
			assert.equal(await browser.value('document.documentElement.scrollWidth <= innerWidth'), true, `${width} ${theme}`);
			await picture(`${width}-${theme}`);
			if (width < 500 && process.env.VSP_SCREENSHOTS) {
				await browser.value('scrollTo(0, 760)');
				await picture(`${width}-${theme}-below`);
			}
		}
});

test('nothing went wrong unseen', async () => {
	assert.deepEqual((await browser.log()).filter((line) => !/favicon/.test(line)), []);
});
