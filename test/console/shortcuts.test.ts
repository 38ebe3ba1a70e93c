import { expect } from 'chai';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';

describeLongInBrowser('Single keys in the console', (open) => {
  const running = serviceForTests();

  it('do nothing once they are turned off, also after a reload, until they are turned on', async () => {
    const { dni } = await aUser(running().service);
    const { page, accessibilityFaults } = await open(running().service.url, `/console/users/${dni}`);
    await page.getByText('Revision 0, the present one').waitFor();
    const help = page.getByRole('dialog', { name: 'Keyboard' });
    const single = help.getByRole('checkbox', { name: 'Use single-key shortcuts' });
    const button = page.getByRole('button', { name: 'Keyboard shortcuts' });
    await page.keyboard.press('?');
    await single.waitFor();
    expect(await accessibilityFaults()).to.deep.equal([]);
    await single.uncheck();
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    for (const key of ['?', 'c']) await page.keyboard.press(key);
    await page.reload();
    await page.getByText('Revision 0, the present one').waitFor();
    for (const key of ['?', 'c']) await page.keyboard.press(key);
    expect(await help.count()).to.equal(0);
    expect(page.url()).not.to.contain('with=');
    await button.click();
    await single.check();
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    await page.keyboard.press('c');
    await page.waitForURL(/with=present/);
  });
});
