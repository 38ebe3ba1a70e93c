import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { tokenOf } from '../tokens.ts';
import { findChromium } from './chromium.ts';

export interface OpenOptions extends BrowserContextOptions {
  /** The role that the tab is signed in with; null: not signed in. */
  role?: string | null;
  token?: string;
  language?: 'en' | 'es';
  theme?: 'light' | 'dark';
}

/** A page of the console in a browser profile of its own. */
export interface OpenPage {
  page: Page;
  /** The browser's complaints so far: uncaught errors, errors on its console, violations of the Content-Security-Policy. */
  complaints: string[];
  /** Serious and critical findings of axe-core, as `rule: selector`. */
  accessibilityFaults(): Promise<string[]>;
  close(): Promise<void>;
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const WIDTH = 1280;
const HEIGHT = 800;

/** Starts the browser. Throws if there is none. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('no Chromium here: apt-get install chromium');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-extensions',
      '--disable-software-rasterizer',
    ],
  });
}

/** Opens a path of the console at `url`. */
export async function openPage(
  browser: Browser,
  url: string,
  path: string,
  { role = 'admin', token, language = 'en', theme = 'light', ...options }: OpenOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: WIDTH, height: HEIGHT },
    timezoneId: 'Europe/Madrid',
    reducedMotion: 'reduce',
    ...options,
  });
  const signedIn = token ?? (role === null ? null : tokenOf(role));
  // A script for the page, as text because the tests have no types for a browser's globals.
  await context.addInitScript(`
    localStorage.getItem('padron.preferences') ||
      localStorage.setItem('padron.preferences', '${JSON.stringify({ language, theme })}');
    ${signedIn === null ? '' : `sessionStorage.getItem('test') || (sessionStorage.setItem('padron.token', '${signedIn}'), sessionStorage.setItem('test', '1'));`}
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error('CSP violation: ' + violatedDirective + ' ' + blockedURI));
  `);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.text()} (${message.location().url})`);
  });
  await page.goto(path);
  return {
    page,
    complaints,
    async accessibilityFaults() {
      // Evaluated by the debugger, because the page's policy forbids foreign scripts.
      await page.evaluate(axeSource);
      const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run()');
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
    },
    close: () => context.close(),
  };
}

interface Violation {
  id: string;
  impact: string;
  nodes: { target: string[] }[];
}

const axeSource = readFileSync(AXE, 'utf8');
