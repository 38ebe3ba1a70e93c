import { mkdirSync } from 'node:fs';
import { launchBrowser, openPage } from '../support/console/browser.ts';
import { createPastClock, fillDemoRoll, MARTA } from '../support/console/demoRoll.ts';
import { startTestService } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/** Takes the pictures of docs/how-to/use-the-console.md from demo data: `npm run pictures`. */

const FOLDER = new URL('../../docs/pictures/', import.meta.url).pathname;

const PICTURES: Record<string, { path: string; shows: string; waitMs?: number }> = {
  roll: { path: '/console/users', shows: 'table.roll' },
  person: { path: `/console/users/${MARTA.dni}?revision=4`, shows: '.members .changed' },
  audit: { path: '/console/audit?actor=tesoreria', shows: '.audit-entry' },
  views: { path: '/console/views', shows: 'canvas', waitMs: 8_000 },
  jobs: { path: '/console/jobs', shows: '.card' },
  docs: { path: '/docs?operation=getUser', shows: '.try' },
};

async function takePictures(): Promise<void> {
  const clock = createPastClock();
  const running = await startTestService({ clock });
  const browser = await launchBrowser();
  try {
    await fillDemoRoll(running, clock);
    await running.send('POST', '/admin/projections/users/rebuild', { token: tokenOf('admin') });
    await running.send('POST', '/admin/verify', { token: tokenOf('admin') });
    mkdirSync(FOLDER, { recursive: true });
    for (const [name, { path, shows, waitMs = 0 }] of Object.entries(PICTURES)) {
      const { page, close } = await openPage(browser, running.service.url, path, {
        viewport: { width: 1120, height: 700 },
      });
      await page.locator(shows).first().waitFor();
      await page.waitForTimeout(waitMs);
      await page.screenshot({ path: `${FOLDER}${name}.png` });
      await close();
    }
  } finally {
    await browser.close();
    await running.stop();
  }
}

await takePictures();
process.exit(0);
