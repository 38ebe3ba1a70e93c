import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { eventually } from '../support/eventually.ts';
import { aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/** Requests before the one for the roll: each takes a browser a few milliseconds, however small the answer. */
const MAX_REQUESTS = 5;
/** Compressed, with the page. */
const MAX_BYTES = 55_000;

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

  /** The queries with which the page asked for the roll. */
  const searches = (page: Page): Promise<string[]> =>
    page.evaluate<string[]>(
      `performance.getEntriesByType('resource').map(({ name }) => new URL(name)).filter(({ pathname }) => pathname === '/users').map(({ search }) => search)`,
    );

  it('waits for few files, and for none of another screen or language', async () => {
    const { page } = await open(url(), '/console/users');
    await person(page).waitFor();
    const paths = await asked(page);
    const later = ['screens.js', 'texts-es.js'].map((name) => paths.indexOf(`/console/files/${name}`));
    const ends = later.filter((index) => index >= 0);
    const before = paths.slice(0, Math.min(paths.length, ...ends));
    expect(before).to.include.members(['/console/files/main.js', '/console/files/texts-en.js', '/users']);
    expect(before).not.to.include('/openapi.json');
    expect(before.filter((path) => !path.endsWith('icon.svg')).length).to.be.at.most(MAX_REQUESTS);
    const bytes = await page.evaluate<number>(
      `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .slice(0, ${before.length + 1})
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`,
    );
    expect(bytes).to.be.within(20_000, MAX_BYTES);
  });

  it('finds every file that it waits for named by the page, its language too, but not the roll itself', async () => {
    const { page } = await open(url(), '/console/users');
    await person(page).waitFor();
    const source = await (await fetch(`${url()}/console`)).text();
    const named = [
      ...source.matchAll(/(?:src|rel="(?:stylesheet|modulepreload|preload)" href)="([^"]+)"/g),
    ].map(([, path]) => path!.replace(/files\/[^/]+/, 'files'));
    const paths = await asked(page);
    const found = paths.slice(0, paths.indexOf('/users')).filter((path) => !named.includes(path));
    expect(found).to.deep.equal([]);
    const imported = [...source.matchAll(/<link rel="modulepreload" href="([^"]+)"/g)].map(
      ([, path]) => path,
    );
    for (const path of imported) {
      const text = await (await fetch(url() + path!)).text();
      for (const [, specifier] of text.matchAll(/^import .* from ["']([^"']+)["']/gm))
        expect(imported).to.include(new URL(specifier!, url() + path!).pathname);
    }
  });

  it('asks for the roll once, before the scripts of the screen have run, with the filters of the address', async () => {
    const { page } = await open(url(), '/console/users?q=Primera&activo=true');
    await person(page).waitFor();
    expect(await searches(page)).to.deep.equal(['?q=Primera&activo=true&limit=50']);
  });

  it('does not ask ahead for the present roll if the role may only see past ones', async () => {
    const { page } = await open(url(), '/console/users', { role: 'auditor' });
    await page.getByText('As of').last().waitFor();
    const rolls = (await searches(page)).filter((search) => !search.includes('at='));
    expect(rolls).to.deep.equal([]);
  });

  it('asks again for what was written meanwhile, and after the answer was shown', async () => {
    const { page } = await open(url(), '/console/users');
    await person(page).waitFor();
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('heading', { name: 'Audit' }).waitFor();
    await aUser(running().service, { nombre: 'Segunda', apellidos: 'Persona' });
    await eventually('the view has the second person', async () => {
      const { body } = await running().send('GET', '/users?q=Segunda', { token: tokenOf('admin') });
      return (body as { users: object[] }).users.length === 1;
    });
    await page.goBack();
    await page.getByRole('link', { name: 'Persona, Segunda' }).waitFor();
  });

  it('is in the language that the browser prefers, or in English', async () => {
    const textsFor = async (language: string): Promise<string[]> => {
      const page = await fetch(`${url()}/console`, { headers: { 'accept-language': language } });
      expect(page.headers.get('vary')).to.match(/accept-language/i);
      const source = await page.text();
      return [...source.matchAll(/rel="modulepreload" href="[^"]*texts-(..)\.js"/g)].map(([, name]) => name!);
    };
    expect(await textsFor('es-ES,es;q=0.9,en;q=0.8')).to.deep.equal(['es']);
    expect(await textsFor('ca, es;q=0.5')).to.deep.equal(['es']);
    expect(await textsFor('de-DE,en;q=0.7')).to.deep.equal(['en']);
    expect(await textsFor('')).to.deep.equal(['en']);
  });

  it('lets the others open without another file', async () => {
    const { page } = await open(url(), '/console/users');
    await person(page).waitFor();
    await page.locator('link[rel=later]').first().waitFor({ state: 'detached' });
    const files = async (): Promise<number> =>
      (await asked(page)).filter((path) => path.endsWith('.js')).length;
    await eventually('the files of the others have arrived', async () => {
      const paths = await asked(page);
      return ['screens', 'texts-es'].every((name) => paths.includes(`/console/files/${name}.js`));
    });
    const before = await files();
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('heading', { name: 'Audit' }).waitFor();
    expect(await files()).to.equal(before);
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
