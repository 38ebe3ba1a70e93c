import { expect } from 'chai';
import { aUser } from '../support/people.ts';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { serviceForTests } from '../support/service.ts';

const csv = (text: string): { name: string; mimeType: string; buffer: Buffer } => ({
  name: 'list.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(text),
});

describeLongInBrowser('The import in the console', (open) => {
  const running = serviceForTests();
  const url = (): string => running().service.url;

  it('shows what a list would change, runs it with a reason, and reports the line that it refused', async () => {
    const { IdUsuario } = await aUser(running().service, { dni: '11111111H', cuota: 30 });
    const { page, accessibilityFaults } = await open(url(), '/console/imports');
    await page.getByText('No list has been imported here yet.').waitFor();
    const list = `IdUsuario;cuota\n${IdUsuario};45,5\n${IdUsuario};x\n`;
    await page.locator('input[type=file]').setInputFiles(csv(list));
    await page.getByLabel('People who are known already').selectOption('true');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('2 lines · 0 new · 1 changed · 0 unchanged · 1 refused').waitFor();
    expect(await page.locator('.plan').innerText())
      .to.match(/Line 2 · User \d+/)
      .and.to.contain('Line 3: cuota must be a number');
    expect(await accessibilityFaults()).to.deep.equal([]);
    await page.getByLabel('Reason').fill('Annual review');
    await page.getByRole('button', { name: 'Import 1' }).click();
    await page.getByRole('heading', { name: 'Users Done' }).waitFor();
    await page.getByRole('button', { name: 'Refused lines' }).click();
    await page.getByText('Line 3: cuota must be a number').waitFor();
    expect(await accessibilityFaults()).to.deep.equal([]);
    const edits = (await running().events()).filter(({ type }) => type === 'UserEdited');
    expect(edits.map(({ metadata }) => metadata.reason)).to.deep.equal(['Annual review']);
  });

  it('keeps in the address how a list is to be read', async () => {
    const { page } = await open(url(), '/console/imports');
    await page.getByLabel('People who are known already').selectOption('true');
    await page.getByLabel('Dates in the list').selectOption('dmy');
    await page.waitForURL(/update=true&dates=dmy/);
    await page.reload();
    expect(await page.getByLabel('Dates in the list').inputValue()).to.equal('dmy');
    expect(await page.getByLabel('People who are known already').inputValue()).to.equal('true');
  });

  it('says in one message that a file is no list', async () => {
    const { page, complaints } = await open(url(), '/console/imports');
    await page.locator('input[type=file]').setInputFiles(csv('<html></html>'));
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('a web page or an XML document').waitFor();
    expect(complaints.splice(0).every((one) => one.includes('400'))).to.equal(true);
  });

  it('says in Spanish why a list and a line are refused', async () => {
    const { IdUsuario } = await aUser(running().service, { cuota: 30 });
    const { page, complaints } = await open(url(), '/console/imports', { language: 'es' });
    const preview = async (list: string): Promise<void> => {
      await page.locator('input[type=file]').setInputFiles(csv(list));
      await page.getByRole('button', { name: 'Previsualizar' }).click();
    };
    await preview('<html></html>');
    await page.getByText('El archivo es una página web').waitFor();
    await page.getByLabel('Personas que ya constan').selectOption('true');
    await preview(`IdUsuario;cuota;fechaalta\n${IdUsuario};x;15/03/2024\n`);
    const line = await page.locator('.refused li').innerText();
    expect(line).to.contain('Línea 2: ').and.to.contain('cuota debe ser un número');
    expect(line).to.contain('elija 15/03/2024');
    expect(complaints.splice(0).every((one) => one.includes('400'))).to.equal(true);
  });

  it('is not there for a monitor', async () => {
    const { page } = await open(url(), '/console/users', { role: 'monitor' });
    await page.getByRole('heading', { name: 'Roll' }).waitFor();
    expect(await page.getByRole('navigation', { name: 'Main' }).innerText()).not.to.contain('Import');
  });
});
