import { expect } from 'chai';
import { deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { demoServiceForTests, MARTA } from '../support/console/demoRoll.ts';
import { aUser } from '../support/people.ts';
import { tokenOf } from '../support/tokens.ts';

describeLongInBrowser('The screen of a person', (open) => {
  const running = demoServiceForTests();
  const path = `/console/users/${MARTA.dni}`;
  const url = (): string => running().service.url;

  it('shows who changed the fee, from what to what', async () => {
    const { page, accessibilityFaults } = await open(url(), path);
    const timeline = page.getByRole('region', { name: 'Timeline' });
    const entry = timeline.locator('.entry', { hasText: 'Fee' }).first();
    await entry.waitFor();
    expect(await entry.innerText()).to.match(/tesoreria.*25 €.*45 €/s);
    expect(await accessibilityFaults()).to.deep.equal([]);
  });

  it('goes through the revisions with j and k, and keeps the place in the address', async () => {
    const { page } = await open(url(), path);
    await page.getByText('Revision 5, the present one').waitFor();
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: 'Revision 4', exact: true }).waitFor();
    expect(page.url()).to.contain('revision=4');
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: 'Revision 3', exact: true }).waitFor();
    await page.keyboard.press('k');
    await page.getByRole('heading', { name: 'Revision 4', exact: true }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Revision 4', exact: true }).waitFor();
    await page.locator('.members .changed', { hasText: '45 €' }).waitFor();
  });

  it('compares with the revision before unless another one is chosen', async () => {
    const { page } = await open(url(), `${path}?revision=4`);
    await page.getByRole('heading', { name: 'What changed from revision 3 to revision 4' }).waitFor();
    await page.getByLabel('Compare with').selectOption({ label: 'Revision 0' });
    await page.getByRole('heading', { name: 'What changed from revision 0 to revision 4' }).waitFor();
    expect(page.url()).to.contain('with=0');
    const table = page.getByRole('table', { name: 'What changed from revision 0 to revision 4' });
    expect(await table.innerText()).to.match(/Fee\s+30 €\s+45 €/);
  });

  it('shows no earlier comparison under a new heading while the new one is loading', async () => {
    const { page } = await open(url(), `${path}?revision=4`);
    await page.getByRole('table', { name: 'What changed from revision 3 to revision 4' }).waitFor();
    const held = deferred();
    await page.route('**/diff?*', async (route) => {
      await held.promise;
      await route.continue();
    });
    await page.getByLabel('Compare with').selectOption({ label: 'Revision 0' });
    await page.getByRole('heading', { name: 'What changed from revision 0 to revision 4' }).waitFor();
    expect(await page.locator('.compare table').count()).to.equal(0);
    held.resolve();
    await page.getByRole('table', { name: 'What changed from revision 0 to revision 4' }).waitFor();
  });

  it('shows the past of one field', async () => {
    const { page } = await open(url(), path);
    await page.getByRole('link', { name: 'Fee', exact: true }).click();
    await page.getByRole('heading', { name: 'History of: Fee' }).waitFor();
    await page.getByText('30 €', { exact: true }).first().waitFor();
    expect(await page.locator('.entry').count()).to.equal(3);
    expect(page.url()).to.contain('field=cuota');
  });

  it('restores a revision after a preview, with a reason', async () => {
    const { page, accessibilityFaults } = await open(url(), `${path}?revision=2`);
    // As in a club's network without https.
    await page.evaluate('Crypto.prototype.randomUUID = undefined');
    await page.getByRole('button', { name: 'Restore this revision…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Restore revision 2' });
    await dialog.getByRole('table').waitFor();
    expect(await dialog.innerText()).to.match(/Fee\s+45 €\s+25 €/);
    expect(await accessibilityFaults()).to.deep.equal([]);
    expect(await dialog.getByRole('button', { name: 'Restore' }).isDisabled()).to.equal(true);
    await dialog.getByLabel('Reason').fill('The fee was raised by mistake');
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await page.getByText('Revision 6, the present one').waitFor();
    await page.getByText('The fee was raised by mistake').waitFor();
    const { body } = await running().send('GET', `/users/${MARTA.dni}`, { token: tokenOf('admin') });
    expect(body).to.include({ cuota: 25 });
  });

  it('reports a concurrent change of the person instead of restoring over it', async () => {
    const { page, complaints } = await open(url(), `${path}?revision=0`);
    await page.getByRole('button', { name: 'Restore this revision…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('table').waitFor();
    const token = tokenOf('admin');
    await running().send('POST', `/users/${MARTA.dni}/revert`, {
      token,
      body: { revision: 1, reason: 'meanwhile' },
    });
    await dialog.getByLabel('Reason').fill('too late');
    await page.context().setOffline(true);
    await dialog.getByRole('button', { name: 'Restore' }).click();
    // Nothing repeats it.
    await dialog.getByText('The server does not answer. Try again in a moment.').waitFor();
    await page.context().setOffline(false);
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await dialog.getByText('Somebody changed this meanwhile').waitFor();
    expect(complaints.splice(0).join()).to.contain('412');
    const meanwhile = dialog.getByRole('table', { name: /What changed from revision/ });
    expect(await meanwhile.innerText()).to.match(/Fee/);
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await page.getByText('Restored.').waitFor();
    await page.getByText('too late').waitFor();
  });

  it('shows no older changes of everything in the history of one field', async () => {
    const { page } = await open(url(), '/console');
    const held = deferred();
    let entries: { position: string }[] = [];
    await page.route('**/history?*', async (route) => {
      const query = new URL(route.request().url()).searchParams;
      if (query.has('cursor')) {
        await held.promise;
        await route.fulfill({ json: { entries, next: null } });
        return;
      }
      const response = await route.fetch();
      const body = (await response.json()) as { entries: typeof entries; next: string | null };
      // As if there were more changes, of other fields.
      entries = body.entries.map((entry) => ({ ...entry, position: `9${entry.position}` }));
      await route.fulfill({ response, json: query.has('field') ? body : { ...body, next: 'older' } });
    });
    await page.goto(path);
    const late = page.waitForResponse((response) => response.url().includes('cursor=older'));
    const ofField = page.waitForResponse((response) => response.url().includes('field=cuota'));
    await page.getByRole('button', { name: 'Older changes' }).click();
    await page.getByRole('link', { name: 'Fee', exact: true }).click();
    await ofField;
    const shown = page.getByRole('region', { name: 'History of: Fee' }).locator('.entry');
    await eventually('the history of the field is shown', async () => {
      return (await shown.count()) === entries.length;
    });
    held.resolve();
    await (await late).finished();
    await page.evaluate('new Promise((painted) => setTimeout(() => requestAnimationFrame(painted)))');
    expect(await shown.count()).to.equal(entries.length);
  });

  it('does not offer a monitor to restore, which the server would refuse', async () => {
    const { page } = await open(url(), `${path}?revision=1`, { role: 'monitor' });
    await page.getByRole('heading', { name: 'Revision 1', exact: true }).waitFor();
    expect(await page.getByRole('button', { name: /Restore/ }).count()).to.equal(0);
    expect(await page.getByRole('navigation', { name: 'Main' }).innerText()).not.to.match(/Audit|Views|Jobs/);
    const body = { revision: 0, reason: 'not allowed' };
    const { status } = await running().send('POST', `/users/${MARTA.dni}/revert`, {
      token: tokenOf('monitor'),
      body,
    });
    expect(status).to.equal(403);
  });

  it('shows a person who is no longer on the roll, as of the last state', async () => {
    const { page, complaints } = await open(url(), '/console/users/30023757K');
    await page.getByText('No longer on the roll').waitFor();
    await page.getByText('Removed from the roll').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Martínez Gil, Pau' }).waitFor();
    expect(complaints.splice(0).every((one) => one.includes('404'))).to.equal(true);
  });

  for (const asked of ['revision=99', 'at=2001-01-01']) {
    it(`says that there is no such state, under the name of the person (${asked})`, async () => {
      const { page, complaints } = await open(url(), `/console/users/${MARTA.dni}?${asked}`);
      await page.getByText('This person has no such revision').waitFor();
      await page.getByRole('heading', { level: 1, name: MARTA.name }).waitFor();
      expect(await page.getByRole('alert').count()).to.equal(0);
      await page.getByRole('link', { name: 'Present state' }).click();
      await page.getByRole('heading', { name: /the present one/ }).waitFor();
      expect(complaints.splice(0).join()).to.contain('404');
    });
  }

  it('keeps its address for a DNI of any characters', async () => {
    const dni = 'X/1?#&%41 é';
    await aUser(running().service, { dni, nombre: 'Rara', email: 'rara@example.com' });
    const { page } = await open(url(), '/console/users?q=rara');
    await page.getByRole('link', { name: /, Rara$/ }).click();
    await page.getByRole('heading', { level: 1, name: /, Rara$/ }).waitFor();
    await page.getByRole('link', { name: 'Fee', exact: true }).click();
    await page.getByRole('heading', { name: 'History of: Fee' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: /, Rara$/ }).waitFor();
    expect(page.url()).to.contain(`/console/users/${encodeURIComponent(dni)}?field=cuota`);
  });

  it('opens at an address that is not encoded properly', async () => {
    const { page, complaints } = await open(url(), '/console/users/%E0');
    await page.getByText('Nobody with this DNI or id is, or was, on the roll.').waitFor();
    expect(complaints.splice(0).every((one) => one.includes('404'))).to.equal(true);
  });

  it('says that no one has such a DNI', async () => {
    const { page, complaints } = await open(url(), '/console/users/NOBODY');
    await page.getByText('Nobody with this DNI or id is, or was, on the roll.').waitFor();
    expect(complaints.splice(0).every((one) => one.includes('404'))).to.equal(true);
  });

  it('links from a subject in the audit to the person', async () => {
    const { page } = await open(url(), '/console/audit?field=cuota&actor=tesoreria');
    await page.getByRole('link', { name: 'User 31' }).first().click();
    await page.getByRole('heading', { level: 1, name: MARTA.name }).waitFor();
    expect(page.url()).to.contain(path);
  });

  it('shows people their own record', async () => {
    const { page } = await open(url(), '/console', { token: tokenOf('asistente', 'elena') });
    await page.getByRole('heading', { level: 1, name: 'Prats Vela, Elena' }).waitFor();
    expect(page.url()).to.match(/\/console\/me$/);
    await page.getByText('Registered', { exact: true }).first().waitFor();
  });
});
