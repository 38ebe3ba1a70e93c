import { expect } from 'chai';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';

describeLongInBrowser('The pages about the API', (open) => {
  const running = serviceForTests();
  const url = (): string => running().service.url;

  it('are open to anyone and explain tokens and errors', async () => {
    const { page, accessibilityFaults } = await open(url(), '/docs', { role: null });
    await page.getByRole('heading', { name: 'Errors by code' }).waitFor();
    await page.getByRole('rowheader', { name: 'too-many-requests' }).waitFor();
    expect(await accessibilityFaults()).to.deep.equal([]);
  });

  it('have a page for each operation of the description', async () => {
    const { body } = await running().send('GET', '/openapi.json');
    const operations = Object.values((body as { paths: Record<string, object> }).paths).flatMap((one) =>
      Object.keys(one),
    );
    const { page } = await open(url(), '/docs', { role: null });
    await page.getByRole('navigation', { name: 'Operations' }).waitFor();
    expect(await page.locator('.contents li').count()).to.equal(operations.length);
  });

  it('send a request with the session’s token, and show the answer', async () => {
    const user = await aUser(running().service);
    const { page, accessibilityFaults } = await open(url(), '/docs?operation=getUser');
    await page.getByRole('heading', { name: 'Try it' }).waitFor();
    await page.getByLabel('dni *').fill(user.dni);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('.answer pre', { hasText: `"dni": "${user.dni}"` }).waitFor();
    expect(await page.locator('.answer .status').innerText()).to.equal('200');
    expect(await accessibilityFaults()).to.deep.equal([]);
  });

  it('mark the English of the description where the console is Spanish', async () => {
    const { page } = await open(url(), '/docs?operation=getUser', { role: null, language: 'es' });
    await page.getByRole('heading', { name: 'Probar' }).waitFor();
    const languages = await page.evaluate<string[]>(
      `[...document.querySelectorAll('h1 bdi, main > p.muted, .parameters dd > span, .response summary > span:last-child')].map((one) => one.closest('[lang]').lang)`,
    );
    expect(new Set(languages)).to.deep.equal(new Set(['en']));
    expect(await page.locator('html').getAttribute('lang')).to.equal('es');
  });

  it('keep the search for an operation in the address', async () => {
    const { page } = await open(url(), '/docs', { role: null });
    await page.getByLabel('Find an operation').fill('rebuild');
    await page.waitForURL(/find=rebuild/);
    await page.reload();
    await page.locator('.contents li').first().waitFor();
    expect(await page.locator('.contents li').count()).to.equal(1);
    expect(await page.getByLabel('Find an operation').inputValue()).to.equal('rebuild');
  });

  it('send nothing that needs a token before sign-in', async () => {
    const { page } = await open(url(), '/docs?operation=listUsers', { role: null });
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).to.equal(true);
  });
});
