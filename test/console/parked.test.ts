import { expect } from 'chai';
import { brokenView } from '../support/brokenView.ts';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { eventually } from '../support/eventually.ts';
import { aUser, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const token = tokenOf('admin');

describeLongInBrowser('Parked subjects in the console', (open) => {
  const broken = brokenView();
  const running = serviceForTests({ views: broken.views });
  const url = (): string => running().service.url;
  const parked = async (): Promise<string[]> => {
    const { body } = await running().send('GET', '/admin/parked', { token });
    return (body as { parked: { subject: string }[] }).parked.map(({ subject }) => subject);
  };

  beforeEach(() => {
    broken.isMended = false;
  });

  /** A user whose edit the view cannot apply, and the number in their subject. */
  async function aParkedUser(): Promise<number> {
    const user = await aUser(running().service);
    await running().send('POST', '/users/edit', { token, body: editOf(user, { cuota: 13 }) });
    await eventually('it is parked', async () => (await parked()).includes(`user-${user.IdUsuario}`));
    return user.IdUsuario;
  }

  it('are retried, and go on once the view can apply the event', async () => {
    const id = await aParkedUser();
    const { page, accessibilityFaults } = await open(url(), '/console/views');
    const card = page.locator('.card', { hasText: `User ${id}` });
    await card.getByText('UserEdited').waitFor();
    expect(await accessibilityFaults()).to.deep.equal([]);
    broken.isMended = true;
    await card.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('Retried: the subject is no longer parked.').waitFor();
    await card.waitFor({ state: 'detached' });
    expect(await parked()).not.to.include(`user-${id}`);
  });

  it('say that a retry did not help, and stay', async () => {
    const id = await aParkedUser();
    const { page } = await open(url(), '/console/views');
    const card = page.locator('.card', { hasText: `User ${id}` });
    await card.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('Retried: the event still cannot be applied.').waitFor();
    await card.getByText('Attempts: 2').waitFor();
  });

  it('are skipped only with a reason', async () => {
    const id = await aParkedUser();
    const { page, accessibilityFaults } = await open(url(), '/console/views');
    const card = page.locator('.card', { hasText: `User ${id}` });
    await card.getByRole('button', { name: 'Skip…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Skip this event' });
    expect(await dialog.getByRole('button', { name: 'Skip' }).isDisabled()).to.equal(true);
    expect(await accessibilityFaults()).to.deep.equal([]);
    await dialog.getByLabel('Reason').fill('a fee of 13 was never agreed');
    await dialog.getByRole('button', { name: 'Skip' }).click();
    await card.waitFor({ state: 'detached' });
    const stored = (await running().events()).filter(({ type }) => type === 'EventSkipped');
    expect(stored.at(-1)?.data).to.include({ subject: `user-${id}`, reason: 'a fee of 13 was never agreed' });
  });

  it('are not offered to other roles, which the server refuses as well', async () => {
    const { page, complaints } = await open(url(), '/console/views', { role: 'monitor' });
    await page.getByText('Your role may not do this.').first().waitFor();
    expect(await page.getByRole('button', { name: /Retry|Rebuild|Verify/ }).count()).to.equal(0);
    for (const path of ['/admin/parked/users-1.1/retry', '/admin/projections/users/rebuild', '/admin/verify'])
      expect((await running().send('POST', path, { token: tokenOf('monitor') })).status, path).to.equal(403);
    expect(complaints.splice(0).every((one) => one.includes('403'))).to.equal(true);
  });
});

describeLongInBrowser('Rollback and jobs in the console', (open) => {
  const running = serviceForTests();

  it('restore the generation from before a rebuild', async () => {
    await aUser(running().service);
    const { page, accessibilityFaults } = await open(running().service.url, '/console/views');
    for (const [action, title, done, count] of [
      // The views were built at the first start: that is a job, too.
      ['Rebuild: users', 'Rebuild users', 'Rebuild: users Done', 2],
      ['Roll back: users', 'Roll back users', 'Rollback: users Done', 1],
    ] as const) {
      await page.getByRole('link', { name: 'Views' }).click();
      await page.getByRole('button', { name: action }).click();
      const dialog = page.getByRole('dialog', { name: title });
      await dialog.getByRole('button', { name: title.replace(' users', '') }).click();
      await page.getByText('The job has begun.').waitFor();
      await page.getByRole('link', { name: 'Jobs' }).click();
      await page
        .getByRole('heading', { name: done })
        .nth(count - 1)
        .waitFor();
    }
    expect(await accessibilityFaults()).to.deep.equal([]);
  });
});
