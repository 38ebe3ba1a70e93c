import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { findChromium } from './chromium.ts';
import { describeLong, isLong } from '../long.ts';
import { launchBrowser, openPage, type OpenOptions, type OpenPage } from './browser.ts';

/** Opens a page. After the test it is closed, and must not have complaints. */
export type Open = (url: string, path: string, options?: OpenOptions) => Promise<OpenPage>;

/**
 * Tests in a real browser. Without a Chromium they are skipped and reported; with TEST_EVERYTHING they fail. No page may have an error on
 * its console or a violation of its Content-Security-Policy.
 */
export function describeInBrowser(title: string, tests: (open: Open) => void): void {
  if (findChromium() === null && !process.env['TEST_EVERYTHING']) {
    describe(title, () => {
      it('is left out: there is no Chromium here (apt-get install chromium)');
    });
    return;
  }
  describe(title, function () {
    this.timeout(60_000);
    let browser: Browser | null = null;
    const opened: OpenPage[] = [];
    before(async () => {
      browser = await launchBrowser();
    });
    afterEach(async () => {
      const complaints = opened.flatMap((one) => one.complaints);
      await Promise.all(opened.splice(0).map((one) => one.close()));
      expect(complaints).to.deep.equal([]);
    });
    after(async () => {
      await browser?.close();
    });
    tests(async (url, path, options) => {
      if (!browser) throw new Error('a page is opened outside a test');
      const page = await openPage(browser, url, path, options);
      opened.push(page);
      return page;
    });
  });
}

/** The same, only in a long run; otherwise one pending test says what is skipped. */
export const describeLongInBrowser: typeof describeInBrowser = (title, tests) => {
  if (isLong) describeInBrowser(title, tests);
  else describeLong(title, () => undefined);
};
