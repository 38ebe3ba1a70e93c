import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import jsonwebtoken from 'jsonwebtoken';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../test/support/console/browser.ts';
import { userLine } from './support/people.ts';
import { linesFile, padron, SECRET, servePadron, temporaryFolder } from './support/servers.ts';

/** Measures the time from the start of the navigation to the first person of the roll, in a browser on this machine. */

const PEOPLE = 1_000;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
const LATER_MS = 1_500;

const TOKEN = jsonwebtoken.sign({ role: 'admin' }, SECRET, { subject: 'bench', expiresIn: '6h' });

/** Runs in the page before its own scripts. */
const WATCH = `
  sessionStorage.setItem('padron.token', '${TOKEN}');
  new MutationObserver((_, observer) => {
    if (!document.querySelector('table.roll tbody a')) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.shownAt = performance.now(); }));
  }).observe(document, { childList: true, subtree: true });
`;

/** A page load. Times in milliseconds from the start of the navigation. */
interface Loaded {
  shown: number;
  /** When the last file that the screen needs had arrived, so that the request for the roll went out. */
  files: number;
  asked: number;
  answered: number;
  requests: number;
  /** Bytes received, headers included, also of files that are fetched after the first screen. */
  bytes: number;
}

const READ = `(() => {
  const [page] = performance.getEntriesByType('navigation');
  const all = performance.getEntriesByType('resource');
  const roll = all.find(({ name }) => new URL(name).pathname === '/users');
  const before = all.filter(({ startTime }) => startTime < roll.startTime);
  return {
    shown: window.shownAt,
    files: Math.max(...before.map(({ responseEnd }) => responseEnd)),
    asked: roll.startTime,
    answered: roll.responseEnd,
    requests: before.length + 2,
    bytes: [page, ...all].reduce((sum, { transferSize, name }) => sum + (new URL(name).pathname === '/users' ? 0 : transferSize), 0),
  };
})()`;

async function load(page: Page, url: string): Promise<Loaded> {
  await page.goto(`${url}/console/users`, { waitUntil: 'commit' });
  await page.locator('table.roll tbody a').first().waitFor();
  // Time for the files that the page fetches after the first screen.
  await page.waitForTimeout(LATER_MS);
  return page.evaluate<Loaded>(READ);
}

/** Loads the page with an empty cache, and once more from the cache. */
async function loadTwice(browser: Browser, url: string): Promise<{ empty: Loaded; kept: Loaded }> {
  const context = await browser.newContext();
  await context.addInitScript(WATCH);
  const page = await context.newPage();
  const empty = await load(page, url);
  const kept = await load(page, url);
  await context.close();
  return { empty, kept };
}

/** The baseline that shows as many people: one page, one script, one answer of the same form. Shows how fast the machine is at the moment. */
async function serveBare(): Promise<{ url: string; server: Server }> {
  const rows = Array.from({ length: 50 }, (_, n) => JSON.parse(userLine(n + 1)) as object);
  const texts: Record<string, [type: string, text: string]> = {
    '/console/users': ['text/html', '<!doctype html><div id="app"></div><script src="/bare.js"></script>'],
    '/bare.js': [
      'text/javascript',
      `fetch('/users').then((answer) => answer.json()).then((rows) => {
        document.getElementById('app').innerHTML = '<table class="roll"><tbody>' + rows.map((row) =>
          '<tr><th><a href="#">' + row.apellidos + '</a></th>' + Object.values(row).map((one) => '<td>' + one + '</td>').join('') + '</tr>').join('') + '</tbody></table>';
      });`,
    ],
    '/users': ['application/json', JSON.stringify(rows)],
  };
  const server = createServer(({ url = '' }, response) => {
    const [type, text] = texts[url] ?? ['text/plain', ''];
    response.setHeader('content-type', `${type}; charset=utf-8`);
    response.end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

function report(name: string, loads: readonly Loaded[]): void {
  const times = loads.map(({ shown }) => Math.round(shown));
  const cell = (pick: (one: Loaded) => number): string =>
    String(Math.round(median(loads.map(pick)))).padStart(9);
  console.log(
    name.padEnd(26),
    cell(({ shown }) => shown),
    `${Math.min(...times)}-${Math.max(...times)}`.padStart(9),
    cell(({ files }) => files),
    cell(({ asked }) => asked),
    cell(({ answered }) => answered),
    cell(({ requests }) => requests),
    cell(({ bytes }) => bytes / 1_000),
  );
}

/** Prints the table. Needs the built program (npm run build) and a Chromium. */
export async function benchConsole(): Promise<void> {
  const folder = temporaryFolder();
  await padron(['import', linesFile(folder, 'users.ndjson', PEOPLE, userLine)], folder);
  const browser = await launchBrowser();
  const bare = await serveBare();
  const [started, empty, kept, least]: [Loaded[], Loaded[], Loaded[], Loaded[]] = [[], [], [], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const server = await servePadron(folder);
    const first = await loadTwice(browser, server.url);
    const second = await loadTwice(browser, server.url);
    started.push(first.empty);
    empty.push(second.empty);
    kept.push(second.kept);
    await server.stop();
    least.push((await loadTwice(browser, bare.url)).empty);
  }
  await browser.close();
  bare.server.close();
  console.log(
    `First screen of the console (${PEOPLE} users), median of ${ROUNDS}, ms from the start of the navigation`,
  );
  console.log(
    '                             shown     range     files     asked  answered  requests  kB in all',
  );
  report('server just started', started);
  report('empty cache', empty);
  report('from the cache', kept);
  report('a bare page', least);
}
