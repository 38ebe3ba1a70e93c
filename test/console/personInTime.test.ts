import { expect } from 'chai';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { demoServiceForTests, MARTA } from '../support/console/demoRoll.ts';
import { tokenOf } from '../support/tokens.ts';

describeLongInBrowser('A person in time', (open) => {
  const running = demoServiceForTests();
  const path = `/console/users/${MARTA.dni}`;
  const url = (): string => running().service.url;

  it('takes people through no past of their own record, which the server shows to administrators only', async () => {
    const { page } = await open(url(), '/console/me?revision=0', { token: tokenOf('asistente', 'elena') });
    await page.getByText('Revision 0, the present one').waitFor();
    const timeline = page.getByRole('region', { name: 'Timeline' });
    expect(await timeline.getByRole('link').count()).to.equal(0);
    expect(await page.getByLabel('As of').count()).to.equal(0);
  });

  it('shows the record of a day, and its revision in the timeline', async () => {
    const { page, accessibilityFaults } = await open(url(), path);
    await page.getByText('the present one').first().waitFor();
    const day = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel('As of').fill(day);
    await page.getByRole('heading', { name: 'Revision 2', exact: true }).waitFor();
    await page.locator('.entry.selected', { hasText: 'r2' }).waitFor();
    expect(page.url()).to.contain(`at=${day}`);
    expect(await accessibilityFaults()).to.deep.equal([]);
    await page.getByRole('heading', { level: 1 }).focus();
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: 'Revision 1', exact: true }).waitFor();
    expect(await page.getByLabel('As of').inputValue()).to.equal('');
  });

  it('says on paper when it was printed', async () => {
    const { page } = await open(url(), path);
    await page.locator('.entry').first().waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByText('Printed on').innerText()).to.match(/^Printed on [^·]+$/);
    expect(await page.getByLabel('As of').isVisible()).to.equal(false);
  });
});
