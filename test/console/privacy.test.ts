import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { developmentServerForTests } from '../support/console/developmentServer.ts';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { aPersona, aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/** Presses the button of the export dialog, and reads the file that the browser saves. */
async function savedBy(page: Page): Promise<{ name: string; text: string }> {
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('dialog').getByRole('button', { name: 'Export' }).click(),
  ]);
  return { name: saved.suggestedFilename(), text: await readFile(await saved.path(), 'utf8') };
}

describeLongInBrowser('The erasure of a person in the console', (open) => {
  const running = serviceForTests();
  const url = (): string => running().service.url;

  it('needs a reason and the DNI, and shows the certificate', async () => {
    const { IdUsuario, dni } = await aUser(running().service, { nombre: 'Olga', apellidos: 'Vidal' });
    const { page, accessibilityFaults } = await open(url(), `/console/users/${dni}`);
    await page.getByRole('button', { name: 'Erase personal data…' }).click();
    const question = page.getByRole('dialog', { name: 'Erase personal data' });
    const erase = question.getByRole('button', { name: 'Erase for good' });
    await question.getByLabel('Reason').fill('Request 81');
    await question.getByLabel(`Type the DNI ${dni}`).fill(dni.slice(1));
    expect(await erase.isDisabled()).to.equal(true);
    await question.getByLabel(`Type the DNI ${dni}`).fill(dni);
    expect(await accessibilityFaults()).to.deep.equal([]);
    await erase.click();
    const certificate = page.getByRole('dialog', { name: 'Certificate of erasure' });
    await certificate.getByText(`user-${IdUsuario}`).waitFor();
    const text = await certificate.innerText();
    expect(text).to.contain('Request 81').and.to.contain('✓ No view contains the person.');
    expect(text).not.to.contain('Olga').and.not.to.contain(dni);
    expect(await accessibilityFaults()).to.deep.equal([]);
    await certificate.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('heading', { level: 1, name: 'Erased person' }).waitFor();
    expect(await page.locator('#app').innerText()).not.to.contain('Olga');
  });

  it('is there for a data protection officer, who sees no record, and lists the certificates', async () => {
    const { IdUsuario, dni } = await aUser(running().service, {});
    const { page, accessibilityFaults, complaints } = await open(url(), '/console', { role: 'dpo' });
    await page.getByRole('heading', { level: 1, name: 'Privacy' }).waitFor();
    expect(await page.getByRole('navigation', { name: 'Main' }).innerText()).to.match(/^Privacy\s+API$/);
    await page.getByLabel('DNI, or user-15').fill(dni);
    await page.getByRole('button', { name: 'Erase personal data…' }).click();
    const question = page.getByRole('dialog', { name: 'Erase personal data' });
    await question.getByLabel('Reason').fill('Request 82');
    await question.getByLabel('Type the DNI').fill('99999999R');
    await question.getByRole('button', { name: 'Erase for good' }).click();
    await question.getByRole('alert').waitFor();
    expect(complaints.splice(0).join()).to.contain('400');
    await question.getByLabel('Type the DNI').fill(dni);
    await question.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByRole('dialog', { name: 'Certificate' }).getByRole('button', { name: 'Close' }).click();
    await page
      .locator('.card', { hasText: `user-${IdUsuario}` })
      .getByText('Request 82')
      .waitFor();
    expect(await accessibilityFaults()).to.deep.equal([]);
  });

  for (const language of ['en', 'es'] as const)
    it(`fits on a telephone (${language})`, async () => {
      const viewport = { width: 360, height: 740 };
      const { page } = await open(url(), '/console/privacy', { viewport, language });
      await page.locator('.filters .row-actions button').last().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(360);
    });

  it('saves the certificate as a file', async () => {
    const { id } = await aPersona(running().service, { dni: '70605042P' });
    const body = { reason: 'Request 83', confirm: '70605042P' };
    await running().send('POST', `/api/personas/${id}/erase`, { token: tokenOf('admin'), body });
    const { page } = await open(url(), '/console/privacy');
    const card = page.locator('.card', { hasText: `persona-${id}` });
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      card.getByRole('button', { name: 'Save certificate' }).click(),
    ]);
    expect(saved.suggestedFilename()).to.equal(`erasure-persona-${id}.json`);
    const certificate = JSON.parse(await readFile(await saved.path(), 'utf8')) as Record<string, unknown>;
    expect(certificate).to.include({ subject: `persona-${id}`, reason: 'Request 83' });
  });

  it('is said of a person whose address is opened afterwards', async () => {
    const { id } = await aPersona(running().service, { dni: '70605043D' });
    const body = { reason: 'Request 84', confirm: '70605043D' };
    await running().send('POST', `/api/personas/${id}/erase`, { token: tokenOf('admin'), body });
    const { page, complaints } = await open(url(), `/console/personas/${id}`);
    await page.getByRole('heading', { level: 1, name: 'Erased person' }).waitFor();
    expect(complaints.splice(0).every((one) => /404|410/.test(one))).to.equal(true);
  });

  it('is not offered to a monitor, whom the server would refuse', async () => {
    const { dni } = await aUser(running().service, { nombre: 'Rosa' });
    const { page } = await open(url(), `/console/users/${dni}`, { role: 'monitor' });
    await page.getByRole('button', { name: 'Print' }).waitFor();
    expect(await page.getByRole('button', { name: /Erase|Export/ }).count()).to.equal(0);
    expect(await page.getByRole('navigation', { name: 'Main' }).innerText()).not.to.contain('Privacy');
    const { status } = await running().send('POST', `/users/${dni}/erase`, {
      token: tokenOf('monitor'),
      body: { reason: 'no', confirm: dni },
    });
    expect(status).to.equal(403);
  });
});

describeLongInBrowser('A console over a log without sealing', (open) => {
  const server = developmentServerForTests({ SEALING: 'off' });

  it('offers the export of a person, and no erasure, which the server would refuse', async () => {
    const { page } = await open(server().url, server().link, { role: null });
    await page.getByRole('link', { name: 'Rodríguez García, María' }).click();
    await page.getByRole('button', { name: 'Export data…' }).waitFor();
    expect(await page.getByRole('button', { name: /Erase/ }).count()).to.equal(0);
    await page.getByRole('link', { name: 'Privacy' }).click();
    await page.getByText('Nobody has been erased yet.').waitFor();
    expect(await page.getByRole('button', { name: /Erase/ }).count()).to.equal(0);
  });
});

describeLongInBrowser('The export of a person in the console', (open) => {
  const running = serviceForTests();
  const url = (): string => running().service.url;

  it('saves everything about the person, as JSON or for a spreadsheet', async () => {
    const { IdUsuario, dni } = await aUser(running().service, { nombre: 'Pilar' });
    const { page, accessibilityFaults } = await open(url(), `/console/users/${dni}`);
    await page.getByRole('button', { name: 'Export data…' }).click();
    await page.getByRole('dialog', { name: 'Export all data of this person' }).waitFor();
    expect(await accessibilityFaults()).to.deep.equal([]);
    const json = await savedBy(page);
    expect(json.name).to.equal(`user-${IdUsuario}.json`);
    expect(JSON.parse(json.text)).to.include({ subject: `user-${IdUsuario}`, revision: 0 });
    await page.getByRole('button', { name: 'Export data…' }).click();
    await page.getByLabel('Format').selectOption('excel');
    const csv = await savedBy(page);
    expect(csv.name).to.equal(`user-${IdUsuario}.csv`);
    expect(csv.text).to.contain('part;revision;').and.to.contain('Pilar');
  });

  it('is open to people for their own record, without an erasure', async () => {
    const { id } = await aPersona(running().service, { nombres: 'Sol', cuenta: 'sol' });
    const { page } = await open(url(), '/console', { token: tokenOf('asistente', 'sol') });
    await page.getByRole('button', { name: 'Export data…' }).click();
    const { text } = await savedBy(page);
    expect(JSON.parse(text)).to.include({ subject: `persona-${id}` });
    expect(await page.getByRole('button', { name: /Erase/ }).count()).to.equal(0);
  });
});
