import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { eventually } from '../support/eventually.ts';
import { aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';

/** Files that the first screen may wait for: each takes a browser a few milliseconds. */
const MAX_FILES = 60;

describeLongInBrowser('The first screen', (open) => {
  const running = serviceForTests();
  before(async () => {
    await aUser(running().service, { nombre: 'Primera', apellidos: 'Persona' });
  });
  const url = (): string => running().service.url;
  const person = (page: Page) => page.getByRole('link', { name: 'Persona, Primera' });
  /** The paths that the page asked for, without the digest of the files. */
  const asked = (page: Page): Promise<string[]> =>
    page.evaluate<string[]>(
      `performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname.replace(/files\\/[^/]+/, 'files'))`,
    );

  it('is shown before the modules of the others are asked for', async () => {
    const { page } = await open(url(), '/console/users');
    await person(page).waitFor();
    const paths = await asked(page);
    const data = paths.indexOf('/users');
    expect(data).to.be.within(1, MAX_FILES);
    expect(
      paths.slice(0, data).filter((path) => /screens\/(?!roll|signIn)|texts\/es/.test(path)),
    ).to.deep.equal([]);
    expect(paths.slice(0, data)).to.include('/openapi.json');
  });

  it('lets the others open without another module', async () => {
    const { page } = await open(url(), '/console/users');
    await person(page).waitFor();
    await page.locator('link[rel=later]').first().waitFor({ state: 'detached' });
    const modules = async (): Promise<number> =>
      (await asked(page)).filter((path) => path.endsWith('.js')).length;
    const linked = await page.locator('link[rel=modulepreload]').count();
    await eventually('every module has arrived', async () => (await modules()) >= linked);
    const before = await modules();
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('heading', { name: 'Audit' }).waitFor();
    expect(await modules()).to.equal(before);
  });

  it('is shown again from what the browser has kept, every time', async () => {
    const { page } = await open(url(), '/console/users');
    await person(page).waitFor();
    for (let round = 0; round < 5; round += 1) {
      await page.reload();
      await person(page).waitFor();
    }
    const fetched = await page.evaluate<number>(
      `performance.getEntriesByType('resource').filter(({ name, transferSize }) => name.includes('/files/') && transferSize > 0).length`,
    );
    expect(fetched).to.equal(0);
  });
});
