import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { deferred, type Deferred } from '../support/deferred.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { gated } from '../support/gatedStore.ts';
import { asNdjson, memberList } from '../support/memberList.ts';
import { startRelay, type Relay } from '../support/relay.ts';
import { startTestService, type TestService } from '../support/service.ts';

/** Lines of a batch, after each of which a job may stop; in the first one a line is refused. */
const BATCH = 250;
const LINES = 600;
/** The third line is refused. */
const LIST = asNdjson(
  memberList(LINES).map((line, index) => (index === 2 ? { ...line, cuota: 'much' } : line)),
);

describeLongInBrowser('A running import in the console', (open) => {
  let folder: string;
  let gate: Deferred;
  let service: TestService | null = null;
  let relay: Relay | null = null;
  beforeEach(() => {
    folder = newFolder();
    gate = deferred();
  });
  // After the page is closed, which would complain about requests that this ends.
  afterEach(async () => {
    gate.resolve();
    await relay?.close();
    relay = null;
    await service?.stop();
    removeFolder(folder);
  });
  const portOf = ({ service: { url } }: TestService): number => Number(new URL(url).port);

  /** Chooses the list, looks at the preview and runs it. The job has stored its first batch and waits in the second. */
  async function runList(page: Page): Promise<Locator> {
    const buffer = Buffer.from(LIST);
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'list.ndjson', mimeType: 'application/x-ndjson', buffer });
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('button', { name: `Import ${LINES - 1}` }).click();
    const job = page.locator('.job').first();
    await job.getByText(`${BATCH - 1} new`).waitFor();
    return job;
  }

  it('shows its progress and its refused lines, rests when it is paused, and keeps what is stored when it is cancelled', async () => {
    service = await startTestService({ dataDir: folder, aroundStore: gated(gate, BATCH + 1) });
    const { page, accessibilityFaults } = await open(service.service.url, '/console/imports');
    const job = await runList(page);
    const share = Number(await job.getByRole('progressbar').getAttribute('value'));
    expect(share).to.be.greaterThan(0).and.lessThan(1);
    // What a screen reader announces.
    const announced = job.getByRole('status');
    expect(await announced.allTextContents()).to.deep.equal(['Users, Running']);
    await job.getByRole('button', { name: 'Refused lines' }).click();
    await job.getByText('Line 3').waitFor();
    await job.getByRole('button', { name: 'Pause' }).click();
    await job.getByRole('heading', { name: 'Users Paused' }).waitFor();
    expect(await announced.allTextContents()).to.deep.equal(['Users, Paused']);
    expect(await accessibilityFaults()).to.deep.equal([]);
    await page.reload();
    await job.getByRole('heading', { name: 'Users Paused' }).waitFor();
    await job.getByRole('button', { name: 'Resume' }).click();
    await job.getByRole('heading', { name: 'Users Running' }).waitFor();
    await job.getByRole('button', { name: 'Cancel job' }).click();
    const question = page.getByRole('dialog', { name: 'Cancel this job' });
    await question.getByText('What has been stored stays.').waitFor();
    await question.getByRole('button', { name: 'Cancel job' }).click();
    await job.getByRole('heading', { name: 'Users Cancelled' }).waitFor();
    expect(await job.getByRole('button', { name: /Pause|Resume|Cancel/ }).count()).to.equal(0);
  });

  it('is followed to its end across a restart of the server, at the same place', async () => {
    const first = await startTestService({ dataDir: folder, aroundStore: gated(gate, BATCH + 1) });
    service = first;
    const between = await startRelay(portOf(first));
    relay = between;
    const { page, complaints } = await open(`http://127.0.0.1:${between.port}`, '/console/imports');
    const job = await runList(page);
    await job.getByRole('button', { name: 'Refused lines' }).click();
    between.cutOff();
    gate.resolve();
    await first.stop();
    service = await startTestService({ dataDir: folder });
    between.heal(portOf(service));
    await job.getByRole('heading', { name: 'Users Done' }).waitFor();
    await job.getByText(`${LINES - 1} new`).waitFor();
    expect(await job.getByText('Line 3').isVisible()).to.equal(true);
    expect(page.url()).to.match(/\/console\/imports$/);
    expect(complaints.splice(0).every((one) => /ERR_|503/.test(one))).to.equal(true);
  });
});
