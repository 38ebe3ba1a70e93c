import { expect } from 'chai';
import { describeInBrowser } from '../support/console/inBrowser.ts';
import { itLong } from '../support/long.ts';
import { developmentServerForTests } from '../support/console/developmentServer.ts';
import { serviceForTests } from '../support/service.ts';
import { aUser } from '../support/people.ts';
import { tokenOf, tokenWith } from '../support/tokens.ts';

describeInBrowser('Signing in to the console', (open) => {
  const running = serviceForTests();

  it('works with a pasted token, and keeps the place', async () => {
    const { page, accessibilityFaults } = await open(
      running().service.url,
      '/console/audit?type=UserEdited',
      { role: null },
    );
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await accessibilityFaults()).to.deep.equal([]);
    await page.getByLabel('Token').fill(tokenOf('auditor'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Audit' }).waitFor();
    expect(page.url()).to.match(/\/console\/audit\?type=UserEdited$/);
  });

  it('waits for the role of a token that names none while a store is away', async () => {
    const { IdUsuario, email } = await aUser(running().service, {
      categoria: 'admin',
      email: 'role@example.com',
    });
    const { page, complaints } = await open(running().service.url, '/console', { role: null });
    let isAway = true;
    await page.route('**/admin/projections', (route) =>
      isAway ? route.fulfill({ status: 503, headers: { 'problem-code': 'unavailable' } }) : route.continue(),
    );
    const asked = page.waitForResponse((answer) => answer.status() === 503);
    await page.getByLabel('Token').fill(tokenWith({ sub: String(IdUsuario), email }, { expiresIn: '1h' }));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await asked;
    await page.getByTitle(`Signed in as ${IdUsuario}`, { exact: true }).waitFor();
    isAway = false;
    await page.getByRole('link', { name: 'Views' }).waitFor();
    await page.getByTitle(`Signed in as ${IdUsuario} (admin)`, { exact: true }).waitFor();
    expect(complaints.splice(0).every((one) => one.includes('503'))).to.equal(true);
  });

  it('is refused with an expired token and with text that is not a token', async () => {
    const { page } = await open(running().service.url, '/console', { role: null });
    for (const token of ['nonsense', tokenWith({ sub: 'admin', role: 'admin', exp: 1_000 })]) {
      await page.getByLabel('Token').fill(token);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
    }
    await page.getByText('This token expired on 1 Jan 1970').waitFor();
  });

  itLong('keeps the token for the tab only', async () => {
    const { page } = await open(running().service.url, '/console/users');
    await page.getByRole('heading', { name: 'Roll' }).waitFor();
    const kept = await page.evaluate<string>(
      'JSON.stringify(localStorage) + document.cookie + location.href',
    );
    expect(kept).not.to.contain(tokenOf('admin').slice(0, 20));
    expect(await page.evaluate('sessionStorage.getItem("padron.token")')).to.be.a('string');
    const other = await page.context().newPage();
    await other.goto('/console/users');
    // The profile's start script signs each tab in once; a real tab begins empty.
    await other.evaluate('sessionStorage.removeItem("padron.token")');
    await other.reload();
    await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  itLong('is requested again when the token has expired, and returns to the page', async () => {
    const token = tokenWith({ sub: 'admin', role: 'admin' }, { expiresIn: '3s' });
    const { page } = await open(running().service.url, '/console/users?q=x', { token });
    await page.getByText('Your session has ended').waitFor();
    await page.getByLabel('Token').fill(tokenOf('admin'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Roll' }).waitFor();
    expect(page.url()).to.contain('?q=x');
  });

  itLong('lasts as long as the token, also longer than a timer of the browser can run', async () => {
    const { page } = await open(running().service.url, '/console', { role: null });
    await page.clock.install();
    await page.getByLabel('Token').fill(tokenWith({ sub: 'admin', role: 'admin' }, { expiresIn: '60d' }));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    for (const days of [25, 34]) {
      await page.clock.fastForward(days * 86_400_000);
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
    }
    await page.clock.fastForward(2 * 86_400_000);
    await page.getByText('Your session has ended').waitFor();
  });

  itLong('is requested again when the server refuses the token', async () => {
    const forged = tokenWith(
      { sub: 'admin', role: 'admin' },
      { secret: 'a secret that the server does not have, long enough' },
    );
    const { page, complaints } = await open(running().service.url, '/console/users', { token: forged });
    await page.getByText('Your session has ended').waitFor();
    expect(complaints.splice(0).join()).to.contain('401');
    // What was asked with the refused token is not what the next session sees.
    await page.getByLabel('Token').fill(tokenOf('admin'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(/^\d+ shown/).waitFor({ timeout: 10_000 });
  });

  it('ends with Sign out', async () => {
    const { page } = await open(running().service.url, '/console/users');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You have signed out').waitFor();
    expect(await page.evaluate('sessionStorage.getItem("padron.token")')).to.equal(null);
  });

  for (const [categoria, screen] of [
    ['auditor', 'Audit'],
    ['dpo', 'Privacy'],
  ] as const) {
    itLong(`finds the role of a token that names none, of a user who is ${categoria}`, async () => {
      const user = await aUser(running().service, { categoria, email: `${categoria}@example.com` });
      const token = tokenWith({ sub: user.IdUsuario, email: user.email });
      const { page, complaints } = await open(running().service.url, '/console', { token });
      await page.getByRole('heading', { name: screen, exact: true }).waitFor();
      expect(complaints.splice(0).every((one) => one.includes('403'))).to.equal(true);
    });
  }
});

describeInBrowser('The link of development mode', (open) => {
  const server = developmentServerForTests();

  it('signs in once, and leaves nothing in the address', async () => {
    const link = server().link;
    const { page } = await open(server().url, link, { role: null });
    await page.getByRole('heading', { name: 'Roll' }).waitFor();
    expect(page.url()).not.to.contain('code');
    await page.getByRole('link', { name: 'Rodríguez García, María' }).waitFor();
    const second = await open(server().url, link, { role: null });
    await second.page.getByText('This link has been used').waitFor();
    expect(second.complaints.splice(0).join()).to.contain('404');
    const token = await page.evaluate<string>('sessionStorage.getItem("padron.token")');
    await second.page.getByLabel('Token').fill(token);
    await second.page.getByRole('button', { name: 'Sign in' }).click();
    await second.page.getByRole('button', { name: 'Sign out' }).click();
    await second.page.getByText('You have signed out').waitFor();
    expect(await second.page.getByRole('alert').count()).to.equal(0);
  });

  it('is not said to have been used if the server does not answer', async () => {
    const { page, complaints } = await open(server().url, '/console', { role: null });
    await page.route('**/console/sign-in', (route) => route.abort());
    await page.goto(`${server().url}/docs`);
    await page.goto(`${server().url}/console#code=x`);
    await page.getByRole('alert').getByText('The server does not answer').waitFor();
    expect(complaints.splice(0).every((one) => one.includes('ERR_FAILED'))).to.equal(true);
  });
});
