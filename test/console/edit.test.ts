import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { aPersona, aUser, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describeLongInBrowser('The form that edits a person in the console', (open) => {
  const running = serviceForTests();
  const url = (): string => running().service.url;

  async function openForm(page: Page): Promise<Locator> {
    await page.getByRole('button', { name: 'Edit…' }).click();
    return page.getByRole('dialog', { name: 'Edit' });
  }

  it('saves what was changed, and shows it in the timeline', async () => {
    const { dni } = await aUser(running().service, { cuota: 30, fechabaja: null });
    const { page, accessibilityFaults } = await open(url(), `/console/users/${dni}`, { role: 'monitor' });
    const form = await openForm(page);
    expect(await form.getByRole('button', { name: 'Save' }).isDisabled()).to.equal(true);
    expect(await accessibilityFaults()).to.deep.equal([]);
    await form.getByLabel('Fee').fill('12.5');
    await form.getByLabel('Left').fill('2026-06-30');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Revision 1, the present one').waitFor();
    const entry = await page.locator('.entry').first().innerText();
    expect(entry)
      .to.match(/30 €.*12\.50 €/s)
      .and.contain('30 Jun 2026');
    const { body } = await running().send('GET', `/users/${dni}`, { token: tokenOf('admin') });
    expect(body).to.include({ cuota: 12.5, fechabaja: '2026-06-30' });
  });

  it('says in Spanish what is wrong, and keeps what was typed', async () => {
    const { dni } = await aUser(running().service);
    const { page, complaints } = await open(url(), `/console/users/${dni}`, { language: 'es' });
    await page.getByRole('button', { name: 'Modificar…' }).click();
    const form = page.getByRole('dialog', { name: 'Modificar' });
    await form.getByLabel('Correo').fill('sin arroba');
    await form.getByLabel('Nombre').fill('');
    await form.getByRole('button', { name: 'Guardar' }).click();
    const said = await form.getByRole('alert').innerText();
    expect(said).to.contain('Correo debe ser una dirección de correo').and.contain('Nombre está vacío');
    expect(await form.getByLabel('Correo').inputValue()).to.equal('sin arroba');
    expect(complaints.splice(0).join()).to.contain('400');
  });

  it('saves nothing over a change by another, shows it, and saves the same edit on top of it', async () => {
    const user = await aUser(running().service, { cuota: 30, telefono: '1' });
    const { page, complaints } = await open(url(), `/console/users/${user.dni}`);
    const form = await openForm(page);
    const body = editOf(user, { telefono: '2' });
    await running().send('POST', '/users/edit', { token: tokenOf('admin'), body });
    await form.getByLabel('Fee').fill('45');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Somebody changed this meanwhile').waitFor();
    expect(complaints.splice(0).join()).to.contain('412');
    await page.getByText('Revision 1, the present one').waitFor();
    expect(await form.getByLabel('Telephone').inputValue()).to.equal('2');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Revision 2, the present one').waitFor();
    const { body: saved } = await running().send('GET', `/users/${user.dni}`, { token: tokenOf('admin') });
    expect(saved).to.include({ cuota: 45, telefono: '2' });
  });

  it('is there for the present record only, and not for a person who edits their own', async () => {
    const user = await aUser(running().service);
    await running().send('POST', '/users/edit', {
      token: tokenOf('admin'),
      body: editOf(user, { cuota: 1 }),
    });
    const { id } = await aPersona(running().service);
    const { page } = await open(url(), `/console/users/${user.dni}?revision=0`);
    for (const path of [`/console/users/${user.dni}?revision=0`, `/console/personas/${id}`]) {
      await page.goto(url() + path);
      await page.getByRole('button', { name: 'Print' }).waitFor();
      expect(await page.getByRole('button', { name: 'Edit…' }).count(), path).to.equal(0);
    }
  });

  it('is not offered to a monitor for a user who is an administrator, which the server would refuse', async () => {
    const user = await aUser(running().service, { categoria: 'Administrador' });
    const { page } = await open(url(), `/console/users/${user.dni}`, { role: 'monitor' });
    await page.getByRole('button', { name: 'Print' }).waitFor();
    expect(await page.getByRole('button', { name: 'Edit…' }).count()).to.equal(0);
    const { status } = await running().send('POST', '/users/edit', {
      token: tokenOf('monitor'),
      body: editOf(user, { cuota: 1 }),
    });
    expect(status).to.equal(403);
  });

  it('lets people edit their own record', async () => {
    const { id } = await aPersona(running().service, { nombres: 'Sol', telefono: '1', cuenta: 'sol' });
    const { page } = await open(url(), '/console', { token: tokenOf('asistente', 'sol') });
    const form = await openForm(page);
    await form.getByLabel('Telephone').fill('');
    await form.getByLabel('First names').fill('Sol María');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: /Sol María$/ }).waitFor();
    const { body } = await running().send('GET', `/api/personas/${id}`, { token: tokenOf('admin') });
    expect(body).to.include({ nombres: 'Sol María', telefono: null });
  });
});

describeLongInBrowser('The roll in the console', (open) => {
  const running = serviceForTests();
  const url = (): string => running().service.url;

  it('registers a user, says what is missing, and leads to the record', async () => {
    const { page, accessibilityFaults, complaints } = await open(url(), '/console/users', {
      role: 'monitor',
    });
    await page.getByRole('button', { name: 'Register…' }).click();
    const form = page.getByRole('dialog', { name: 'Register' });
    expect(await accessibilityFaults()).to.deep.equal([]);
    await form.getByLabel('DNI').fill('12345678Z');
    await form.getByLabel('First name').fill('Nueva');
    await form.getByLabel('Password').fill('short');
    await form.getByRole('button', { name: 'Register' }).click();
    const said = await form.getByRole('alert').innerText();
    for (const text of ['E-mail', 'Fee must be a number', 'Password must have at least 8 characters'])
      expect(said).to.contain(text);
    expect(complaints.splice(0).join()).to.contain('400');
    await form.getByLabel('E-mail').fill('nueva@example.com');
    await form.getByLabel('Category').fill('socio');
    await form.getByLabel('Fee').fill('30');
    await form.getByLabel('Password').fill('a long password');
    await form.getByRole('button', { name: 'Register' }).click();
    await page.getByText('Revision 0, the present one').waitFor();
    expect(page.url()).to.match(/\/console\/users\/12345678Z$/);
    await page.goBack();
    await page.getByRole('link', { name: 'Nueva' }).waitFor();
  });

  it('registers a person with an account', async () => {
    const { page } = await open(url(), '/console/personas');
    await page.getByRole('button', { name: 'Register…' }).click();
    const form = page.getByRole('dialog', { name: 'Register' });
    for (const [label, text] of [
      ['First names', 'Ana'],
      ['Surnames', 'Gil'],
      ['DNI', '87654321X'],
      ['Account', 'ana'],
    ] as const)
      await form.getByLabel(label).fill(text);
    await form.getByRole('button', { name: 'Register' }).click();
    await page.getByRole('heading', { level: 1, name: 'Gil, Ana' }).waitFor();
  });

  it('removes a user after a question, and keeps the history', async () => {
    const { dni } = await aUser(running().service, { apellidos: 'Adiós' });
    const { page, complaints } = await open(url(), `/console/users/${dni}`, { role: 'monitor' });
    await page.getByRole('button', { name: 'Remove from the roll…' }).click();
    const question = page.getByRole('dialog', { name: 'Remove from the roll' });
    await question.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No longer on the roll').waitFor();
    await page.locator('.entry', { hasText: 'Removed from the roll' }).waitFor();
    expect(await page.getByRole('button', { name: /Edit|Remove/ }).count()).to.equal(0);
    expect(complaints.splice(0).every((one) => one.includes('404'))).to.equal(true);
  });

  it('offers an auditor nothing that writes', async () => {
    const { page } = await open(url(), '/console/users', { role: 'auditor' });
    await page.locator('.bar strong', { hasText: 'As of' }).waitFor();
    expect(await page.getByRole('button', { name: 'Register…' }).count()).to.equal(0);
  });
});
