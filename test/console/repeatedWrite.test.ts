import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { aUser, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/**
 * Loses the answer to the first write to a path, which the server has applied: the browser gets a 503,
 * or a lost connection. Returns the Idempotency-Keys of all writes to the path.
 */
async function loseFirstAnswer(page: Page, path: RegExp, how: '503' | 'connection'): Promise<string[]> {
  const keys: string[] = [];
  await page.route(path, async (route) => {
    const request = route.request();
    if (request.method() !== 'POST') {
      await route.continue();
      return;
    }
    keys.push(request.headers()['idempotency-key'] ?? '');
    const response = await route.fetch();
    if (keys.length > 1) await route.fulfill({ response });
    else if (how === '503') await route.fulfill({ status: 503, headers: { 'problem-code': 'unavailable' } });
    else await route.abort();
  });
  return keys;
}

const isLoss = (complaint: string): boolean => /503|ERR_FAILED/.test(complaint);

describeLongInBrowser('A write in the console whose answer was lost', (open) => {
  const running = serviceForTests();
  const url = (): string => running().service.url;
  const token = tokenOf('admin');

  for (const how of ['503', 'connection'] as const) {
    it(`names a roll of today once when it is repeated (${how})`, async () => {
      const { page, complaints } = await open(url(), '/console/users?show=saved');
      const keys = await loseFirstAnswer(page, /\/rolls$/, how);
      const dialog = page.getByRole('dialog', { name: 'Name a roll' });
      const save = dialog.getByRole('button', { name: 'Name a roll' });
      const today = new Date().toISOString().slice(0, 10);
      await page.getByRole('button', { name: 'Name a roll…' }).click();
      await dialog.getByLabel('Name').fill(`Census ${how}`);
      await dialog.getByLabel('As of').fill(today);
      await save.click();
      await dialog.getByText('Try again in a moment.').waitFor();
      await save.click();
      await dialog.waitFor({ state: 'detached' });
      await page.locator('.card', { hasText: `Census ${how}` }).waitFor();
      expect(complaints.splice(0).every(isLoss)).to.equal(true);

      await page.getByRole('button', { name: 'Name a roll…' }).click();
      await dialog.getByLabel('Name').fill(`Another ${how}`);
      await dialog.getByLabel('As of').fill(today);
      await save.click();
      await page.locator('.card', { hasText: `Another ${how}` }).waitFor();
      expect(keys[0]).to.match(/^[0-9a-f]{32}$/);
      expect(keys[1]).to.equal(keys[0]);
      expect(keys[2]).to.not.equal(keys[0]);
    });
  }

  it('restores a revision once', async () => {
    const user = await aUser(running().service);
    const body = editOf(user, { cuota: 77 });
    expect((await running().send('POST', '/users/edit', { token, body })).status).to.equal(200);
    const { page, complaints } = await open(url(), `/console/users/${user.dni}?revision=0`);
    const keys = await loseFirstAnswer(page, /\/revert$/, '503');
    const dialog = page.getByRole('dialog', { name: 'Restore revision 0' });
    await page.getByRole('button', { name: 'Restore this revision…' }).click();
    await dialog.getByLabel('Reason').fill('a mistake');
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await dialog.getByText('Try again in a moment.').waitFor();
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await page.getByText('Restored.').waitFor();
    expect(keys).to.have.length(2);
    expect(keys[1]).to.equal(keys[0]);
    await page.getByText('Revision 2, the present one').waitFor();
    expect(complaints.splice(0).every(isLoss)).to.equal(true);
  });

  it('imports a list once', async () => {
    const { page, complaints } = await open(url(), '/console/imports');
    const keys = await loseFirstAnswer(page, /\/imports\?.*dryRun=false/, 'connection');
    const { IdUsuario } = await aUser(running().service, { cuota: 30 });
    const buffer = Buffer.from(`IdUsuario;cuota\n${IdUsuario};45,5\n`);
    await page.locator('input[type=file]').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer });
    await page.getByLabel('People who are known already').selectOption('true');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByLabel('Reason').fill('Annual review');
    await page.getByRole('button', { name: 'Import 1' }).click();
    await page.getByText('Try again in a moment.').waitFor();
    await page.getByRole('button', { name: 'Import 1' }).click();
    await page.getByRole('heading', { name: 'Users Done' }).waitFor();
    expect(keys).to.have.length(2);
    expect(keys[1]).to.equal(keys[0]);
    const { body } = await running().send('GET', '/imports', { token });
    expect((body as { jobs: unknown[] }).jobs).to.have.length(1);
    expect(complaints.splice(0).every(isLoss)).to.equal(true);
  });

  it('erases a person once, and shows the certificate', async () => {
    const { dni } = await aUser(running().service);
    const { page, complaints } = await open(url(), `/console/users/${dni}`);
    const keys = await loseFirstAnswer(page, /\/erase$/, 'connection');
    await page.getByRole('button', { name: 'Erase personal data…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Erase personal data' });
    await dialog.getByLabel('Reason').fill('Request 91');
    await dialog.getByLabel('Type the DNI').fill(dni);
    await dialog.getByRole('button', { name: 'Erase for good' }).click();
    await dialog.getByText('Try again in a moment.').waitFor();
    await dialog.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByRole('dialog', { name: 'Certificate of erasure' }).getByText('Request 91').waitFor();
    expect(keys[1]).to.equal(keys[0]);
    expect(complaints.splice(0).every(isLoss)).to.equal(true);
  });
});
