import { expect } from 'chai';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { EventStore } from '../../src/events/eventStore.ts';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { writeMadeUpLog } from '../support/madeUpLog.ts';
import { manyUpdates } from '../support/manyEvents.ts';
import { aPersona } from '../support/people.ts';
import { serviceForTests, startTestService, type TestService } from '../support/service.ts';

/** TEST_LARGE=1 tries the sizes that the console promises; without it the same happens to fewer. */
const IS_LARGE = process.env['TEST_LARGE'] !== undefined;
const REVISIONS = IS_LARGE ? 10_000 : 1_000;
const PEOPLE = IS_LARGE ? 100_000 : 3_000;
/** What a page may take to answer on a machine that does much else meanwhile. */
const PATIENCE_MS = 15_000;
/** Entries on the page at once. */
const WINDOW = 200;

/** Notes for how long the page did not answer; returns what prints the longest of these times, with TEST_LARGE. */
async function watchStalls(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(`
    window.stalls = [];
    new PerformanceObserver((list) => stalls.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'longtask' });
  `);
  return async () => {
    const stalls = await page.evaluate<number[]>('stalls');
    const [longest = 0] = stalls.sort((a, b) => b - a);
    if (IS_LARGE)
      console.log(`      ${stalls.length} stalls of more than 50 ms, the longest of ${longest} ms`);
  };
}

describeLongInBrowser(`A person with ${REVISIONS} revisions`, (open) => {
  let stored: EventStore | null = null;
  const running = serviceForTests({ aroundStore: (store) => (stored = store) });
  let id = 0;
  before(async function () {
    this.timeout(300_000);
    ({ id } = await aPersona(running().service, { nombres: 'Muchas', apellidos: 'Veces' }));
    await manyUpdates(stored!, `persona-${id}`, REVISIONS);
  });
  const path = (): string => `/console/personas/${id}`;
  const at = (page: Page, revision: number) =>
    page.getByRole('heading', { name: new RegExp(`^Revision ${revision}(, the present one)?$`) });

  it('is walked through with j and k, however far, with few entries on the page', async function () {
    this.timeout(300_000);
    const { page } = await open(running().service.url, path());
    await at(page, REVISIONS).waitFor({ timeout: 120_000 });
    const printStalls = await watchStalls(page);
    const steps = WINDOW + 20;
    const began = performance.now();
    for (let step = 1; step <= steps; step += 1) {
      await page.keyboard.press('j');
      // Older entries are read meanwhile.
      if (step % 20 === 0) await at(page, REVISIONS - step).waitFor({ timeout: PATIENCE_MS });
    }
    const stepMs = (performance.now() - began) / steps;
    await printStalls();
    if (IS_LARGE)
      console.log(`      ${Math.round(stepMs)} ms for each step, the keyboard of the test included`);
    await page.locator('.entry.selected', { hasText: `r${REVISIONS - steps}` }).waitFor();
    expect(await page.locator('.entry').count()).to.be.within(1, WINDOW);
    await page.keyboard.press('k');
    await at(page, REVISIONS - steps + 1).waitFor({ timeout: PATIENCE_MS });
    await page.getByRole('button', { name: 'Newer changes' }).click();
    expect(await page.locator('.entry').count()).to.be.within(1, WINDOW);
  });

  it('opens at a revision in the middle, and goes on from there', async () => {
    const { page } = await open(running().service.url, `${path()}?revision=321`);
    await at(page, 321).waitFor({ timeout: PATIENCE_MS });
    await page.keyboard.press('j');
    await at(page, 320).waitFor({ timeout: PATIENCE_MS });
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    await at(page, 322).waitFor({ timeout: PATIENCE_MS });
  });

  it('is compared between any two revisions', async () => {
    const { page } = await open(running().service.url, `${path()}?revision=321`);
    await at(page, 321).waitFor({ timeout: PATIENCE_MS });
    await page.getByLabel('Number of the revision').fill('12');
    await page.keyboard.press('Enter');
    await page.getByRole('table', { name: 'What changed from revision 12 to revision 321' }).waitFor();
    expect(page.url()).to.contain('with=12');
  });

  it('shows more of its timeline on request', async () => {
    const { page } = await open(running().service.url, path());
    await page.getByRole('button', { name: 'Older changes' }).waitFor();
    for (let count = 50; count <= WINDOW + 100; count += 50) {
      await page.getByText(`r${REVISIONS - count + 1}`, { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Older changes' }).click();
    }
    expect(await page.locator('.entry').count()).to.be.within(WINDOW - 50, WINDOW);
  });
});

describeLongInBrowser(`A roll of ${PEOPLE} people`, (open) => {
  let folder: string;
  let running: TestService | null = null;
  before(async function () {
    this.timeout(600_000);
    folder = newFolder();
    await writeMadeUpLog(join(folder, 'events.db'), { events: PEOPLE, people: PEOPLE, kinds: ['user'] });
    running = await startTestService({ dataDir: folder });
  });
  after(async () => {
    await running?.stop();
    removeFolder(folder);
  });
  const rows = (page: Page) => page.locator('table.roll tbody tr');

  it('shows a page at a time, now and at a date, and finds people in it', async () => {
    const { page } = await open(running!.service.url, '/console/users');
    await rows(page).first().waitFor({ timeout: PATIENCE_MS });
    expect(await rows(page).count()).to.equal(50);
    const printStalls = await watchStalls(page);
    const first = await rows(page).first().innerText();
    for (let turned = 0; turned < 5; turned += 1) {
      const shown = await rows(page).first().innerText();
      await page.getByRole('link', { name: 'Next page' }).click();
      await eventually(
        'the next page is shown',
        async () => (await rows(page).first().innerText()) !== shown,
      );
      expect(await rows(page).count()).to.equal(50);
    }
    await page.getByRole('link', { name: 'First page' }).click();
    await page.getByText(first.split('\t')[0]!, { exact: true }).first().waitFor({ timeout: PATIENCE_MS });
    await page.getByLabel('Search').fill(String(10_000_000 + PEOPLE - 7));
    await page.getByText('1 shown').waitFor({ timeout: PATIENCE_MS });
    await page.getByLabel('Search').fill('');
    await page.getByRole('button', { name: 'End of last month' }).click();
    await page.getByText('As of').last().waitFor({ timeout: PATIENCE_MS });
    await rows(page).first().waitFor({ timeout: PATIENCE_MS });
    await printStalls();
  });
});

describeLongInBrowser('The console on a slow network', (open) => {
  const running = serviceForTests();
  before(async () => {
    await aPersona(running().service, { nombres: 'Lenta', apellidos: 'Espera' });
    await aPersona(running().service, { nombres: 'Otra', apellidos: 'Persona' });
  });

  it('says that it loads, and shows the answer to what was typed last', async () => {
    const { page } = await open(running().service.url, '/console/does-not-matter', { role: null });
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 300,
      downloadThroughput: 60_000,
      uploadThroughput: 30_000,
    });
    await session.send('Network.clearBrowserCache');
    const signedIn = await open(running().service.url, '/console/personas');
    const token = await signedIn.page.evaluate<string>('sessionStorage.getItem("padron.token")');
    await page.evaluate(`sessionStorage.setItem('padron.token', ${JSON.stringify(token)})`);
    await page.goto('/console/personas', { waitUntil: 'commit' });
    await page.getByText('Cargando… · Loading…').waitFor();
    await page.getByRole('link', { name: 'Espera, Lenta' }).waitFor();
    await page.getByLabel('Search').pressSequentially('otra', { delay: 120 });
    await page.getByText('1 shown').waitFor();
    await page.getByRole('link', { name: 'Persona, Otra' }).waitFor();
    expect(await page.getByLabel('Search').inputValue()).to.equal('otra');
    await page.getByRole('link', { name: 'Persona, Otra' }).click();
    await page.getByText('Revision 0, the present one').waitFor();
  });
});
