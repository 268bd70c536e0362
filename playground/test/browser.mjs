/*
 * A headless Chromium, driven through chromedriver by the WebDriver protocol with Node.js alone.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';

const KEYS = {Control: '\uE009', Enter: '\uE007', Escape: '\uE00C', Home: '\uE011', F4: '\uE034', F8: '\uE038', F9: '\uE039', F10: '\uE03A'};
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

export class Browser {
	#process;
	#session;

	static async start(driver = 'chromedriver') {
		const browser = new Browser(), child = browser.#process = spawn(driver, ['--port=0'], {stdio: ['ignore', 'pipe', 'ignore']});
		let said = '', port;
		child.stdout.on('data', (chunk) => { said += chunk; });
		while (!(port = said.match(/started successfully on port (\d+)/)?.[1]))
			await once(child.stdout, 'data', {signal: AbortSignal.timeout(30_000)});
		const base = `http://127.0.0.1:${port}/session`;
		const {sessionId} = await browser.#ask('POST', base, {capabilities: {alwaysMatch: {'goog:loggingPrefs': {browser: 'ALL'}, 'goog:chromeOptions': {
			args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-prefers-reduced-motion', '--hide-scrollbars']}}}});
		browser.#session = `${base}/${sessionId}`;
		return browser;
	}

	async #ask(method, url, body) {
		const response = await fetch(url, {method, body: body && JSON.stringify(body), headers: {'content-type': 'application/json'}});
		const {value} = await response.json();
		if (!response.ok)
			throw new Error(`${value.error}: ${value.message}`);
		return value;
	}

	async close() {
		if (this.#session)
			await this.#ask('DELETE', this.#session).catch(() => {});
		this.#process.kill();
		await once(this.#process, 'exit');
	}

	post(path, body = {}) { return this.#ask('POST', `${this.#session}/${path}`, body); }
	open(url) { return this.post('url', {url}); }
	/* The value of an expression in the page. */
	value(expression) { return this.post('execute/sync', {script: `return (${expression});`, args: []}); }
	size(width, height) {
		return this.post('goog/cdp/execute', {cmd: 'Emulation.setDeviceMetricsOverride', params: {width, height, deviceScaleFactor: 1, mobile: false}});
	}
	async screenshot() { return Buffer.from(await this.#ask('GET', `${this.#session}/screenshot`), 'base64'); }
	/* What the page has written to the console, and uncaught errors. */
	async log() { return (await this.post('se/log', {type: 'browser'})).map(({message}) => message); }

	async click(selector) {
		const element = await this.post('element', {using: 'css selector', value: selector});
		await this.post(`element/${element[ELEMENT]}/click`);
	}

	/* Types into what has the focus: texts, names of keys, and ['Control', 'Enter']. */
	async type(...parts) {
		const actions = parts.flatMap((part) => {
			const list = Array.isArray(part) ? part.map((name) => KEYS[name] ?? name) : part in KEYS ? [KEYS[part]] : [...part];
			if (Array.isArray(part))
				return [...list.map((value) => ({type: 'keyDown', value})), ...list.toReversed().map((value) => ({type: 'keyUp', value}))];
			return list.flatMap((value) => [{type: 'keyDown', value}, {type: 'keyUp', value}]);
		});
		await this.post('actions', {actions: [{type: 'key', id: 'keyboard', actions}]});
	}

	/* Waits until an expression is true. */
	async until(expression, ms = 10_000) {
		for (const end = Date.now() + ms; !(await this.value(expression));) {
			if (Date.now() > end)
				throw new Error(`this has not become true: ${expression}`);
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}
}
