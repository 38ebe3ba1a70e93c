import { expect } from 'chai';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { fillGate } from '../support/fillGate.ts';
import { aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';

describeLongInBrowser('A running rebuild in the console', (open) => {
  const gate = fillGate();
  const running = serviceForTests({ aroundFill: gate.around });
  before(() => aUser(running().service));
  afterEach(() => {
    gate.open();
  });

  it('is shown where it was begun and under Jobs, rests when it is paused, goes on, and is cancelled', async () => {
    gate.close();
    const { page, accessibilityFaults, complaints } = await open(running().service.url, '/console/views');
    const rebuild = async (): Promise<void> => {
      await page.getByRole('button', { name: 'Rebuild: users' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Rebuild' }).click();
    };
    await rebuild();
    await page.getByRole('heading', { name: 'Rebuild: users Running' }).waitFor();
    await page.getByRole('progressbar', { name: 'Progress of Rebuild: users' }).waitFor();
    await rebuild();
    await page.getByText('Another job on this view has not ended yet.').waitFor();
    expect(complaints.splice(0).join()).to.contain('409');
    await page.keyboard.press('Escape');

    await page.getByRole('link', { name: 'Jobs' }).click();
    const job = page.locator('.job').first();
    await job.getByRole('button', { name: 'Pause' }).click();
    await job.getByRole('heading', { name: 'Rebuild: users Paused' }).waitFor();
    expect(await accessibilityFaults()).to.deep.equal([]);
    await job.getByRole('button', { name: 'Resume' }).click();
    await job.getByRole('heading', { name: 'Rebuild: users Running' }).waitFor();
    await job.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click();
    await job.getByRole('heading', { name: 'Rebuild: users Cancelled' }).waitFor();
  });
});
