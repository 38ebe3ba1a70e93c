import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { demoServiceForTests, MARTA } from '../support/console/demoRoll.ts';
import { tokenOf } from '../support/tokens.ts';

/** A date as the date box takes it. */
const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

describeLongInBrowser('The roll in time', (open) => {
  const running = demoServiceForTests();
  const url = (): string => running().service.url;

  it('shows people as they were on the day in the date box, and leads to the person of that day', async () => {
    const { page, accessibilityFaults } = await open(url(), '/console/users?q=vidal+marta');
    await page.getByRole('row', { name: MARTA.name }).getByText('45 €').waitFor();
    await page.getByLabel('As of').first().fill(daysAgo(40));
    await page.getByRole('row', { name: MARTA.name }).getByText('25 €').waitFor();
    expect(page.url()).to.contain(`at=${daysAgo(40)}`);
    expect(await accessibilityFaults()).to.deep.equal([]);
    await page.getByRole('link', { name: MARTA.name }).click();
    await page.getByRole('heading', { name: 'Revision 2', exact: true }).waitFor();
  });

  // At any hour one of the two has another date than the service, which reads dates in UTC.
  for (const timezoneId of ['Pacific/Kiritimati', 'Etc/GMT+12']) {
    it(`takes today as now, since the end of today is still to come, also in ${timezoneId}`, async () => {
      const path = `/console/users?q=vidal+marta&at=${daysAgo(0)}`;
      const { page } = await open(url(), path, { timezoneId });
      await page.getByRole('row', { name: MARTA.name }).getByText('45 €').waitFor();
    });
  }

  it('says that the date of an address is none, with an empty date box', async () => {
    const { page, complaints } = await open(url(), '/console/users?at=2026-04-31');
    await page.getByText(/must be a date|be a date/).waitFor();
    expect(await page.getByLabel('As of').first().inputValue()).to.equal('');
    expect(complaints.splice(0).filter((one) => !one.includes('400'))).to.deep.equal([]);
  });

  it('has the end of last month a press away', async () => {
    const { page } = await open(url(), '/console/users');
    await page.getByRole('button', { name: 'End of last month' }).click();
    await page.locator('.bar strong', { hasText: 'As of' }).waitFor();
    expect(page.url()).to.match(/at=\d{4}-\d\d-\d\d/);
  });

  it('shows who joined, left and changed between two dates, and exports exactly that', async () => {
    const { page, accessibilityFaults } = await open(url(), '/console/users');
    await page.getByLabel('Changes since').fill(daysAgo(20));
    const marta = page.locator('.roll-changes li', { hasText: MARTA.dni });
    await marta.getByText('45 €').waitFor();
    expect(await marta.innerText()).to.match(/^Changed Marta Vidal Roca.*25 €\s+45 €/s);
    await page.locator('.counts .left', { hasText: '1' }).waitFor();
    expect(await accessibilityFaults()).to.deep.equal([]);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV', exact: true }).click(),
    ]);
    const file = readFileSync(await download.path(), 'utf8');
    expect(file).to.contain(MARTA.dni).and.contain('cuota');
  });

  it('has no filters where it lists changes, which are about everybody, and keeps them for the list', async () => {
    const { page } = await open(url(), `/console/users?q=vidal&socio=Socio&from=${daysAgo(20)}`);
    await page.locator('.roll-changes li', { hasText: MARTA.dni }).waitFor();
    expect(await page.getByRole('searchbox').count()).to.equal(0);
    expect(await page.locator('.filters select').count()).to.equal(0);
    await page.getByLabel('Changes since').fill('');
    await page.getByRole('row', { name: MARTA.name }).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).to.equal('vidal');
  });

  it('shows the end of a month as a time of its last day, also in a browser for which the next has begun', async () => {
    const { page } = await open(url(), '/console/users?at=2026-10-31');
    await page.getByText('As of 31 Oct 2026, 23:59 (UTC)').waitFor();
  });

  it('names both dates of the changes, and leads back to the list', async () => {
    const { page } = await open(url(), `/console/users?from=${daysAgo(20)}&q=vidal`);
    await page.getByLabel('Up to').first().fill(daysAgo(19));
    await page.getByText('Nobody joined, left or changed between these dates.').waitFor();
    expect(await page.getByLabel('As of').count()).to.equal(0);
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await page.getByRole('row', { name: MARTA.name }).waitFor();
  });

  it('says that nothing changed between two dates', async () => {
    const { page } = await open(url(), `/console/users?from=${daysAgo(20)}&at=${daysAgo(19)}`);
    await page.getByText('Nobody joined, left or changed between these dates.').waitFor();
  });

  it('says that the search goes on, or has ended, where a page is empty, and not that there is nobody', async () => {
    const { page } = await open(url(), '/console/users?q=vidal');
    await page.getByRole('row', { name: MARTA.name }).waitFor();
    const answer = { users: [], changes: [], from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
    let next: string | null = 'more';
    const fulfil = (route: { fulfill(options: { json: object }): Promise<void> }) =>
      route.fulfill({ json: { ...answer, next } });
    await page.route(/users(\/changes)?\?.*limit=/, fulfil);
    for (const path of ['/console/users?activo=true', '/console/users?from=2026-01-01']) {
      next = 'more';
      await page.goto(url() + path);
      await page.getByText('the search continues').waitFor();
      next = null;
      await page.getByRole('link', { name: 'Next' }).click();
      await page.getByText('There are no more entries.').waitFor();
    }
  });

  it('keeps a roll under a name, proves it, exports it and compares it', async () => {
    const { page, accessibilityFaults } = await open(url(), '/console/users');
    await page.getByRole('link', { name: 'Named rolls' }).click();
    await page.getByText('No roll has been named yet.').waitFor();
    await page.getByRole('button', { name: 'Name a roll…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Name a roll' });
    await dialog.getByLabel('Name').fill('Assembly');
    await dialog.getByLabel('As of').fill(daysAgo(20));
    await dialog.getByRole('button', { name: 'Name a roll' }).click();
    const card = page.locator('.card', { hasText: 'Assembly' });
    await card.getByText('31 people').waitFor();
    await card.getByText('admin', { exact: true }).waitFor();
    await card.getByRole('button', { name: 'Check' }).click();
    await card.getByText('Matches its digest').waitFor();
    await card.getByRole('link', { name: 'Compare' }).click();
    await card.locator('.roll-changes li', { hasText: MARTA.dni }).waitFor();
    expect(page.url()).to.contain('roll=');
    expect(await accessibilityFaults()).to.deep.equal([]);
    await page.reload();
    await card.locator('.roll-changes li', { hasText: MARTA.dni }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      card.getByRole('button', { name: 'NDJSON' }).first().click(),
    ]);
    expect(
      readFileSync(await download.path(), 'utf8')
        .trim()
        .split('\n').length,
    ).to.equal(31);
  });

  it('says that a name is taken', async () => {
    const body = { name: 'Census', kind: 'users', at: daysAgo(30) };
    await running().send('POST', '/rolls', { token: tokenOf('admin'), body });
    const { page, complaints } = await open(url(), '/console/users?show=saved');
    await page.getByRole('button', { name: 'Name a roll…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Census');
    await dialog.getByLabel('As of').fill(daysAgo(30));
    await dialog.getByRole('button', { name: 'Name a roll' }).click();
    await dialog.getByRole('alert').getByText('name').first().waitFor();
    expect(complaints.splice(0).join()).to.contain('409');
  });

  it('shows an auditor the roll of yesterday and the named rolls, and no present one', async () => {
    const { page } = await open(url(), '/console/users', { role: 'auditor' });
    await page.locator('.bar strong', { hasText: 'As of' }).waitFor();
    expect(page.url()).to.contain('at=');
    expect(await page.getByRole('button', { name: 'Now' }).count()).to.equal(0);
    expect(await page.getByLabel('As of').first().getAttribute('max')).to.equal(daysAgo(1));
    await page.getByRole('link', { name: 'Named rolls' }).click();
    await page.getByRole('button', { name: 'Check' }).first().waitFor();
    const { status } = await running().send('GET', `/users/${MARTA.dni}`, { token: tokenOf('auditor') });
    expect(status).to.equal(403);
  });
});
