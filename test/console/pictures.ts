import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { launchBrowser, openPage } from '../support/console/browser.ts';
import { createPastClock, fillDemoRoll, MARTA } from '../support/console/demoRoll.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/** Takes the pictures of docs/how-to/use-the-console.md from demo data: `npm run pictures`. */

const FOLDER = new URL('../../docs/pictures/', import.meta.url).pathname;

interface Picture {
  path: string;
  /** Is on the page when it is complete. */
  shows: string;
  waitMs?: number;
  prepare?(page: Page): Promise<unknown>;
}

const PICTURES: Record<string, Picture> = {
  roll: { path: '/console/users', shows: 'table.roll' },
  person: { path: `/console/users/${MARTA.dni}?revision=4`, shows: '.members .changed' },
  audit: { path: '/console/audit?actor=tesoreria', shows: '.audit-entry' },
  views: { path: '/console/views', shows: 'canvas', waitMs: 8_000 },
  jobs: { path: '/console/jobs', shows: '.card' },
  changes: { path: '/console/users?from=CHANGES', shows: '.roll-changes' },
  rolls: { path: '/console/users?show=saved', shows: '.card .digest' },
  imports: { path: '/console/imports', shows: '.plan', prepare: previewList },
  privacy: { path: '/console/privacy', shows: '.card .facts' },
  docs: { path: '/docs?operation=getUser', shows: '.try' },
};

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** A list that changes a fee, adds somebody and has a line that is refused. */
async function previewList(page: Page): Promise<void> {
  const list = `dni;nombre;apellidos;email;cuota
${MARTA.dni};Marta;Vidal Roca;marta.vidal@example.com;47,5
30000000K;Lucía;García Soler;lucia@example.com;treinta
`;
  const buffer = Buffer.from(list);
  await page.locator('input[type=file]').setInputFiles({ name: 'cuotas.csv', mimeType: 'text/csv', buffer });
  await page.getByLabel('People who are known already').selectOption('true');
  await page.getByRole('button', { name: 'Preview' }).click();
}

/** Jobs, named rolls and an erasure to show. */
async function fillScreens({ send }: TestService): Promise<void> {
  const token = tokenOf('admin');
  await send('POST', '/admin/projections/users/rebuild', { token });
  await send('POST', '/admin/verify', { token });
  await send('POST', '/rolls', { token, body: { name: 'Assembly', kind: 'users', at: daysAgo(20) } });
  await send('POST', '/rolls', { token, body: { name: 'Elections', kind: 'users', at: daysAgo(60) } });
  const erased = { reason: 'Request 81', confirm: '70605041T' };
  await send('POST', '/api/personas/2/erase', { token, body: erased });
}

async function takePictures(): Promise<void> {
  const clock = createPastClock();
  const running = await startTestService({ clock });
  const browser = await launchBrowser();
  try {
    await fillDemoRoll(running, clock);
    await fillScreens(running);
    mkdirSync(FOLDER, { recursive: true });
    for (const [name, { path, shows, waitMs = 0, prepare }] of Object.entries(PICTURES)) {
      const place = path.replace('CHANGES', daysAgo(40));
      const { page, close } = await openPage(browser, running.service.url, place, {
        viewport: { width: 1120, height: 700 },
      });
      await prepare?.(page);
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
