import { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { systemClock } from '../platform/clock.ts';
import { bodyCheck } from '../validation/schema.ts';
import { SYSTEM_ACTOR } from '../events/types.ts';
import { describeIssue } from '../presentation/issueTexts.ts';
import { presentParkedSubject, skipSchema } from '../http/routes/parked.ts';
import { presentView } from '../http/routes/projections.ts';
import { presentJob } from '../presentation/presentJob.ts';
import type { Job } from '../projections/record/viewRecord.ts';
import type { JobRefusal, Jobs } from '../projections/rebuild/jobs.ts';
import { subjectOf } from '../events/streams.ts';
import type { ParkedSubjects } from '../projections/parking/createParkedSubjects.ts';
import type { ParkedEntry, ParkedOutcome, ParkedPlace } from '../projections/parking/parkedSubjects.ts';
import { CliError, endWithReader, EXIT } from './output/exit.ts';
import { requireDone, followJob, interruptible } from './jobs/followJob.ts';
import { jobLines, progressLine } from './output/jobLines.ts';
import { parkedLines, viewLines } from './output/viewLines.ts';
import { runViewJob } from './jobs/viewJob.ts';
import { viewsAsSeen } from './jobs/viewsAsSeen.ts';
import { withViews } from './jobs/withViews.ts';

interface Json {
  json?: boolean;
}

/**
 * `padron projections` and its subcommands work on the stores directly: they need no server, and
 * one may run.
 */
export function projectionsCommand(): Command {
  const projections = new Command('projections')
    .description('Show the state of the views; watch and change their jobs and parked subjects.')
    .option('--json', 'in the format of GET /admin/projections')
    .addHelpText(
      'after',
      `
Works on the stores directly, with or without a running server. A view that does not move is shown in the
state that the last server reported, with the reason, otherwise as «stalled».
Exit code 0: done; 1: no such job or entry, or it was refused; 2: wrong call.`,
    )
    .action(listViews);

  projections
    .command('parked')
    .description('list subjects whose next event a view cannot apply')
    .option('--json', 'in the format of GET /admin/parked')
    .action((_, command: Command) => listParked(command.optsWithGlobals()));
  projections
    .command('retry')
    .description('retry a parked subject')
    .argument('<id>', 'the entry, such as users-15.3')
    .action(retryParked);
  projections
    .command('skip')
    .description('skip the event at which a subject is parked, permanently')
    .argument('<id>', 'the entry, such as users-15.3')
    .requiredOption('--reason <text>', 'why; stored with the skip')
    .action(skipParked);
  projections
    .command('jobs')
    .description('list the running jobs and the last ones that ended')
    .option('--json', 'in the format of GET /admin/jobs')
    .action((_, command: Command) => listJobs(command.optsWithGlobals()));
  projections
    .command('watch')
    .description('show the progress of a job until it ends')
    .argument('<job>', 'such as personas-v1-3')
    .action(watchJob);
  projections
    .command('pause')
    .description('pause a job')
    .argument('<job>', 'such as personas-v1-3')
    .action((id: string) => changeJob(id, (jobs) => jobs.pause(id)));
  projections
    .command('resume')
    .description('resume a job')
    .argument('<job>', 'such as personas-v1-3')
    .action((id: string) => changeJob(id, (jobs) => jobs.resume(id)));
  projections
    .command('cancel')
    .description('cancel a job and discard its work')
    .argument('<job>', 'such as personas-v1-3')
    .action((id: string) => changeJob(id, (jobs) => jobs.cancel(id)));
  projections
    .command('rollback')
    .description('catch up the previous generation and switch back to it')
    .argument('<name>', 'the view: personas, users or history')
    .option('--follow', 'show the progress until it ends')
    .action((name: string, { follow = false }: { follow?: boolean }) => runViewJob(name, 'rollback', follow));
  return projections;
}

const listViews = ({ json = false }: Json): Promise<void> =>
  withViews(async (opened) => {
    const views = await viewsAsSeen(opened, systemClock.now());
    print(json ? [JSON.stringify({ projections: views.map(presentView) }, null, 2)] : viewLines(views));
  });

const listParked = ({ json = false }: Json): Promise<void> =>
  withViews(async ({ parking }) => {
    const parked = await allParked(parking);
    if (json) print([JSON.stringify({ parked: parked.map(presentParkedSubject), next: null }, null, 2)]);
    else if (parked.length > 0) print(parkedLines(parked));
    else console.error('padron: no parked subjects');
  });

async function allParked(parking: ParkedSubjects): Promise<ParkedEntry[]> {
  const parked: ParkedEntry[] = [];
  for (let after: ParkedPlace | null = null; ;) {
    const page: ParkedEntry[] = await parking.list({ after });
    parked.push(...page);
    const last = page.at(-1);
    if (!last) return parked;
    after = { projection: last.projection, id: subjectOf(last.subject)?.id ?? 0 };
  }
}

const listJobs = ({ json = false }: Json): Promise<void> =>
  withViews(async ({ jobs }) => {
    const all = await jobs.list();
    if (json) print([JSON.stringify({ jobs: all.map(presentJob) }, null, 2)]);
    else if (all.length > 0) print(jobLines(all));
    else console.error('padron: no jobs yet');
  });

const retryParked = (id: string): Promise<void> =>
  withViews(async ({ parking }) => {
    printOutcome(expectFound(id, await parking.retry(id)));
  });

async function skipParked(id: string, options: { reason: string }): Promise<void> {
  const checked = bodyCheck<{ reason: string }>(skipSchema)(options);
  if ('faults' in checked) {
    throw new CliError(checked.faults.map((fault) => `--${describeIssue(fault)}`).join('\n'), EXIT.usage);
  }
  const { reason } = checked.body;
  const requestId = randomUUID();
  await withViews(async ({ parking }) => {
    const order = { reason, actor: SYSTEM_ACTOR, requestId, correlationId: requestId };
    const outcome = expectFound(id, await parking.skip(id, order));
    console.log(`${id}: revision ${outcome.entry.revision} is skipped`);
    printOutcome(outcome);
  });
}

function expectFound(id: string, outcome: ParkedOutcome | null): ParkedOutcome {
  if (outcome) return outcome;
  throw new CliError(`no parked entry ${id}`);
}

/** A subject that is still parked is a failure, because the caller wanted it caught up. */
function printOutcome({ entry, left }: ParkedOutcome): void {
  if (left) {
    throw new CliError(`${left.id} is parked at revision ${left.revision} (${left.type}): ${left.reason}`);
  }
  console.log(`${entry.id}: ${entry.subject} is caught up`);
}

const watchJob = (id: string): Promise<void> =>
  withViews(async ({ jobs }) => {
    const job = await interruptible((signal) => followJob(jobs, id, signal));
    requireDone(job, `${id} goes on`);
  });

const changeJob = (id: string, act: (jobs: Jobs) => Promise<Job | JobRefusal>): Promise<void> =>
  withViews(async ({ jobs }) => {
    const job = await act(jobs);
    if (job === 'ended')
      throw new CliError(`${id} has already ended: ${String((await jobs.get(id))?.state)}`);
    if (typeof job === 'string') throw new CliError(`there is no job ${id}`);
    console.log(progressLine(job));
  });

function print(lines: readonly string[]): void {
  endWithReader();
  process.stdout.write(`${lines.join('\n')}\n`);
}
