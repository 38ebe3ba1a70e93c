import { Agent, get } from 'node:http';
import { ACTORS, FIELDS, instantOf, PER_SUBJECT } from './events.ts';
import { ms, quietest } from './figures.ts';
import type { FilledHistory } from './filledHistory.ts';

const ROUNDS = 8;
const PAGES_A_ROUND = 200;
export const MAX_RATIO = 1.5;

type Parameters = Record<string, string>;

/** The query of each kind of question; `n` is a random entry. */
const QUESTIONS: Record<string, (n: number, entries: number) => Parameters> = {
  'no filter': () => ({}),
  type: () => ({ type: 'UserEdited' }),
  actor: (n) => ({ actor: `account-${n % ACTORS}` }),
  subject: (n, entries) => ({ subject: `user-${(n % Math.ceil(entries / PER_SUBJECT)) + 1}` }),
  correlation: (n) => ({ correlation: `request-${Math.floor(n / PER_SUBJECT)}` }),
  field: (n) => ({ field: FIELDS[n % FIELDS.length] ?? '' }),
  'from, to': (n) => ({ from: instantOf(n - 400), to: instantOf(n) }),
  'type, actor': (n) => ({ type: 'UserEdited', actor: `account-${n % ACTORS}` }),
  'subject, field': (n, entries) => ({
    subject: `user-${(n % Math.ceil(entries / PER_SUBJECT)) + 1}`,
    field: 'cuota',
  }),
  'actor, field, from, to': (n) => ({
    actor: `account-${n % ACTORS}`,
    field: 'email',
    from: instantOf(n - 2_000),
    to: instantOf(n),
  }),
  'q (not by index)': () => ({ q: 'former cuota 77' }),
};

/** Prints the latency of a page per filter and size; returns whether the ratios are within the limit. */
export async function measurePages(sizes: readonly FilledHistory[]): Promise<boolean> {
  let isWell = true;
  console.log(
    `\na page of 50 over HTTP in ms: p50 / p99 at each size; p99 at the largest against the smallest`,
  );
  for (const [name, ask] of Object.entries(QUESTIONS)) {
    const rounds = sizes.map((): number[][] => []);
    const most = name.startsWith('q ') ? 2 : ROUNDS;
    // Takes turns between the sizes, so that other work on the machine affects all alike. The first round warms up.
    for (let round = 0; round <= most; round += 1) {
      for (const [index, size] of sizes.entries()) {
        const measured = await timePages(size, ask);
        if (round > 0) rounds[index]?.push(measured);
      }
    }
    const p50s = rounds.map((own) => quietest(own, 0.5));
    const p99s = rounds.map((own) => quietest(own, 0.99));
    const ratio = (p99s.at(-1) ?? 0) / (p99s[0] ?? 1);
    const isMeasured = sizes.length > 1 && !name.startsWith('q ');
    if (isMeasured && ratio > MAX_RATIO) isWell = false;
    const cells = p50s.map((p50, index) => `${ms(p50)} / ${ms(p99s[index] ?? 0)}`);
    console.log(
      `${name.padEnd(22)} ${cells.map((one) => one.padStart(15)).join('')}   x ${ratio.toFixed(2)}`,
    );
  }
  agent.destroy();
  return isWell;
}

/** Times pages from random places, in both directions. */
async function timePages(
  { entries, url }: FilledHistory,
  ask: (n: number, entries: number) => Parameters,
): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < PAGES_A_ROUND; i += 1) {
    const n = Math.floor(Math.random() * entries);
    const asked = ask(n, entries);
    const isWhole = 'subject' in asked || 'correlation' in asked || 'from' in asked;
    const place = i % 2 === 0 ? { order: 'asc', from: instantOf(n) } : { order: 'desc', to: instantOf(n) };
    const parameters = new URLSearchParams({ ...(isWhole ? {} : place), ...asked });
    const start = performance.now();
    await page(`${url}/audit?${parameters.toString()}`);
    times.push(performance.now() - start);
  }
  return times;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function page(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url}: ${String(response.statusCode)}`));
      response.resume();
      response.once('end', resolve);
    }).once('error', reject);
  });
}
