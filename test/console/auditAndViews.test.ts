import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { demoServiceForTests } from '../support/console/demoRoll.ts';
import { serviceForTests } from '../support/service.ts';

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

describeLongInBrowser('The audit in the console', (open) => {
  const running = demoServiceForTests();
  const url = (): string => running().service.url;

  it('keeps every filter in the address, and can remove each', async () => {
    const { page, accessibilityFaults } = await open(url(), '/console/audit');
    await page.getByText('39 shown').waitFor();
    await page.getByLabel('Field').selectOption('cuota');
    await page.getByRole('textbox', { name: 'Account' }).fill('tesoreria');
    await page.getByText('2 shown').waitFor();
    expect(page.url()).to.contain('field=cuota').and.contain('actor=tesoreria');
    expect(await page.locator('.audit').innerText()).to.match(/25 €.*45 €/s);
    expect(await accessibilityFaults()).to.deep.equal([]);
    await page.reload();
    await page.getByText('2 shown').waitFor();
    await page.getByTitle('Remove the filter Account').click();
    await page.getByText('33 shown').waitFor();
  });

  it('takes a day as the whole day in the time zone of the browser', async () => {
    const { page } = await open(url(), '/console/audit?from=2020-01-01&to=2020-12-31');
    await page.getByText('Nothing in the history matches this search.').waitFor();
  });

  it('exports exactly this search', async () => {
    const { page } = await open(url(), '/console/audit?field=cuota&actor=tesoreria');
    await page.getByText('2 shown').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV', exact: true }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(download.suggestedFilename()).to.equal('audit.csv');
    expect(lines.length).to.equal(3);
  });

  it('is the first screen of an auditor, who sees no views and jobs', async () => {
    const { page } = await open(url(), '/console', { role: 'auditor' });
    await page.getByRole('heading', { name: 'Audit' }).waitFor();
    expect(await page.getByRole('navigation', { name: 'Main' }).innerText()).not.to.match(/Views|Jobs/);
  });

  it('leads an auditor, who may see no records, from a name to its history, in the audit and in the changes of the roll', async () => {
    const { page } = await open(url(), '/console/audit?field=cuota&actor=tesoreria', { role: 'auditor' });
    await page.getByRole('link', { name: 'User 31' }).first().click();
    await page.getByText('6 shown').waitFor();
    expect(page.url()).to.match(/\/console\/audit\?subject=user-31$/);
    await page.goto(`${url()}/console/users?from=${daysAgo(20)}`);
    await page.getByRole('link', { name: 'Marta Vidal Roca' }).click();
    await page.getByText('6 shown').waitFor();
  });

  it('leads from a change of a user to the user at that revision', async () => {
    const { page } = await open(url(), '/console/audit?field=formadepago&actor=tesoreria');
    await page.getByRole('link', { name: 'User 31' }).click();
    await page.getByRole('heading', { name: 'Revision 3', exact: true }).waitFor();
  });

  it('says in words, on the screen and on paper, what was filtered', async () => {
    const { page } = await open(url(), '/console/audit?type=UserEdited&field=cuota', { language: 'es' });
    await page.getByText('2 en pantalla').waitFor();
    const chosen = await page.getByRole('group', { name: 'Filtros' }).innerText();
    expect(chosen).to.contain('Evento: Cambio de usuario').and.contain('Campo: Cuota');
    await page.emulateMedia({ media: 'print' });
    const note = await page.getByText('Impreso el').innerText();
    expect(note).to.match(/^Impreso el .+ · Evento: Cambio de usuario · Campo: Cuota$/);
  });

  it('says that a role has no access to another screen', async () => {
    const { page, complaints } = await open(url(), '/console/views', { role: 'auditor' });
    await page.getByText('Your role may not do this.').first().waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).to.equal(0);
    expect(complaints.splice(0).every((one) => one.includes('403'))).to.equal(true);
  });
});

describeLongInBrowser('The views and jobs in the console', (open) => {
  const running = serviceForTests();
  const url = (): string => running().service.url;

  it('start a rebuild after confirmation, and show how it ends', async () => {
    const { page, accessibilityFaults } = await open(url(), '/console/views');
    await page.getByRole('button', { name: 'Rebuild: users' }).click();
    await page
      .getByRole('dialog', { name: 'Rebuild users' })
      .getByRole('button', { name: 'Rebuild' })
      .click();
    await page.getByText('The job has begun.').waitFor();
    await page.getByRole('heading', { name: 'Rebuild: users Done' }).waitFor();
    await page.locator('canvas').waitFor();
    expect(await accessibilityFaults()).to.deep.equal([]);
    await page.getByRole('link', { name: 'Jobs' }).click();
    const job = page.locator('.job').first();
    await job.getByRole('heading', { name: 'Rebuild: users Done' }).waitFor();
    expect(await job.getByRole('status').allTextContents()).to.deep.equal(['Rebuild: users, Done']);
    expect(await accessibilityFaults()).to.deep.equal([]);
  });

  it('verify, and say that nothing differs', async () => {
    const { page } = await open(url(), '/console/views');
    await page.getByRole('button', { name: 'Verify all views' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Verify' }).click();
    await page.getByText('The job has begun.').waitFor();
    await page.getByRole('link', { name: 'Jobs' }).click();
    await page.getByText('No differences found.').waitFor();
  });

  it('say why a rollback is refused', async () => {
    const { page, complaints } = await open(url(), '/console/views');
    await page.getByRole('button', { name: 'Roll back: history' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('There is no earlier generation to go back to.').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).to.equal(0);
    expect(complaints.splice(0).join()).to.contain('409');
  });

  it('say that nothing is parked', async () => {
    const { page } = await open(url(), '/console/views');
    await page.getByText('Nothing is parked: every event could be applied.').waitFor();
  });
});
