import { expect } from 'chai';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { demoServiceForTests, MARTA } from '../support/console/demoRoll.ts';
import { aUser } from '../support/people.ts';
import { tokenOf } from '../support/tokens.ts';

describeLongInBrowser('The roll in the console', (open) => {
  const running = demoServiceForTests();
  const url = (): string => running().service.url;

  it('finds a person by a part of the name, with the search in the address', async () => {
    const { page, accessibilityFaults } = await open(url(), '/console');
    await page.getByRole('heading', { name: 'Roll' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('marta vid');
    await page.getByText('1 shown').waitFor();
    expect(page.url()).to.match(/q=marta(\+|%20)vid/);
    expect(await accessibilityFaults()).to.deep.equal([]);
    await page.getByRole('link', { name: MARTA.name }).click();
    await page.getByRole('heading', { level: 1, name: MARTA.name }).waitFor();
    await page.goBack();
    await page.getByText('1 shown').waitFor();
    expect(await page.getByLabel('Search').inputValue()).to.equal('marta vid');
  });

  it('says on paper when it was printed and what was filtered, since the filters are not printed', async () => {
    const { page } = await open(url(), '/console/users?q=marta+vidal&activo=true');
    await page.getByText('1 shown').waitFor();
    const note = page.getByText('Printed on');
    expect(await note.isVisible()).to.equal(false);
    await page.emulateMedia({ media: 'print' });
    expect(await note.innerText()).to.match(/^Printed on .+ · Search: marta vidal · .+: Active$/);
    expect(await page.getByRole('search').isVisible()).to.equal(false);
    await page.goto('/console/users');
    await page.getByRole('link', { name: MARTA.name }).waitFor();
    expect(await page.getByText('Printed on').innerText()).to.match(/^Printed on [^·]+$/);
  });

  it('keeps what is typed as soon as the search is there', async () => {
    const { page } = await open(url(), '/console', { role: null });
    // Goes to the search in the same moment in which the screen comes up, before the browser has painted it.
    await page.context().addInitScript(`
      new MutationObserver((_, observer) => {
        if (!document.querySelector('h1') || !document.querySelector('[data-search]')) return;
        observer.disconnect();
        dispatchEvent(new KeyboardEvent('keydown', { key: '/' }));
      }).observe(document, { childList: true, subtree: true });
    `);
    await page.evaluate(`sessionStorage.setItem('padron.token', '${tokenOf('admin')}')`);
    await page.goto('/console/users');
    await page.getByRole('link', { name: MARTA.name }).waitFor();
    await page.keyboard.type('marta vid');
    await page.getByText('1 shown').waitFor();
  });

  for (const path of ['/console/users', '/console/personas']) {
    it(`says in the language of the screen why the server refuses a question (${path})`, async () => {
      const { page, complaints } = await open(url(), `${path}?at=2999-01-01`, { language: 'es' });
      await page.getByText('A fecha de: no puede estar en el futuro').waitFor();
      expect(await page.getByRole('alert').innerText()).not.to.match(/must|padron/);
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByText('As of must not be in the future').waitFor();
      expect(complaints.splice(0).join()).to.contain('400');
    });
  }

  it('says why it is empty', async () => {
    const { page } = await open(url(), '/console/users?q=nobodyhasthisname');
    await page.getByText('Nobody matches this search.').waitFor();
  });

  it('shows persons beside users to an administrator', async () => {
    const { page } = await open(url(), '/console/users');
    await page.getByRole('link', { name: 'Persons' }).click();
    await page.getByRole('link', { name: 'Prats Vela, Elena' }).click();
    await page.getByRole('heading', { level: 1, name: 'Prats Vela, Elena' }).waitFor();
  });

  it('speaks Spanish and remembers it', async () => {
    const { page } = await open(url(), '/console/users');
    await page.getByRole('button', { name: 'Español' }).click();
    await page.getByRole('heading', { name: 'Padrón' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Padrón' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).to.equal('es');
  });

  it('fits a phone screen, in dark mode', async () => {
    const { page, accessibilityFaults } = await open(url(), '/console/users', {
      viewport: { width: 360, height: 740 },
      theme: 'dark',
    });
    await page.getByRole('link', { name: 'Navarro Ruiz, Rafael' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(360);
    expect(await accessibilityFaults()).to.deep.equal([]);
  });

  it('shows right-to-left and very long names without breaking', async () => {
    await aUser(running().service, {
      nombre: 'فاطمة',
      apellidos: 'الزهراء',
      dni: 'RTL-1',
      email: 'rtl@example.com',
    });
    await aUser(running().service, {
      nombre: 'N'.repeat(200),
      apellidos: 'W'.repeat(200),
      dni: 'LONG-1',
      email: 'l@example.com',
    });
    const { page } = await open(url(), '/console/users?q=LONG-1', { viewport: { width: 360, height: 740 } });
    await page.getByText('1 shown').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(360);
    await page.getByLabel('Search').fill('RTL-1');
    await page.getByRole('link', { name: 'الزهراء, فاطمة' }).waitFor();
  });

  it('shows a monitor what a monitor may see', async () => {
    const { page } = await open(url(), '/console', { role: 'monitor' });
    await page.getByRole('heading', { name: 'Roll' }).waitFor();
    expect(await page.getByRole('link', { name: 'Persons' }).count()).to.equal(0);
  });

  it('waits while the server is away, and continues when it is back', async () => {
    const { page, complaints } = await open(url(), '/console/users');
    await page.getByRole('link', { name: 'Navarro Ruiz, Rafael' }).waitFor();
    await page.context().setOffline(true);
    await page.getByLabel('Search').fill('marta vidal');
    await page.getByText('The server does not answer. Trying again').waitFor();
    await page.context().setOffline(false);
    await page.getByText('1 shown').waitFor();
    expect(complaints.splice(0).every((one) => one.includes('ERR_INTERNET_DISCONNECTED'))).to.equal(true);
  });

  it('pages through the roll, and the Back button returns', async () => {
    for (let index = 0; index < 30; index += 1)
      await aUser(running().service, { nombre: `Paginada ${index}`, email: `p${index}@example.com` });
    const { page } = await open(url(), '/console/users');
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.getByRole('link', { name: /Paginada 29/ }).waitFor();
    expect(page.url()).to.contain('cursor=');
    await page.getByRole('button', { name: 'Previous page' }).click();
    await page.getByRole('link', { name: 'Navarro Ruiz, Rafael' }).waitFor();
  });
});
