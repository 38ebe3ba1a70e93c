import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { isProved, type Certificate } from '../../erasure/certificate.ts';
import type { ErasureRejection } from '../../erasure/erasures.ts';
import { SYSTEM_ACTOR } from '../../events/types.ts';
import { createDeadline } from '../../platform/deadline.ts';
import { describeIssue } from '../../presentation/issueTexts.ts';
import { requiredText } from '../../validation/fields.ts';
import { bodyCheck } from '../../validation/schema.ts';
import { theSubject } from '../checks/historySubject.ts';
import { certificateLines } from '../output/erasureLines.ts';
import { CliError, EXIT } from '../output/exit.ts';
import { withErasures, type OpenedErasures } from './withErasures.ts';

interface EraseOptions {
  reason: string;
  actor: string;
  yes?: boolean;
  json?: boolean;
}

/** How long to wait for the views, in milliseconds: a day. */
export const MAX_WAIT_MS = 24 * 60 * 60_000;

export const eraseCommand = (): Command =>
  new Command('erase')
    .description('Permanently erase all personal data of one person, and print the certificate.')
    .argument('<subject>', 'persona-5, user-15, a DNI or an id; user-15 for a user who was removed or erased')
    .requiredOption('--reason <text>', 'why; stored permanently, and readable by anyone with the log')
    .option('--actor <account>', 'who decided it; stored in the same way', SYSTEM_ACTOR.account)
    .option('--yes', 'do not ask for the DNI of the person')
    .option('--json', 'the certificate as POST /users/{dni}/erase answers it')
    .addHelpText(
      'after',
      `
Irreversible. Asks for the present DNI of the person on standard input first. Neither reason nor actor may contain
personal data of the person. A server may run at the same time; without one, this process brings the views up to date,
so that the erasure can be proved. The next server, or the same command, finishes an interrupted erasure. For a person
who is erased already, the certificate is printed again.
Exit code 0: erased and proved; 1: no such subject, not confirmed, or not proved yet; 2: wrong call, an ambiguous
subject, or a log that is not sealed.`,
    )
    .action((text: string, options: EraseOptions) => {
      const { reason, actor } = checked(options);
      return withErasures(async (opened) => {
        const stream = await theSubject(opened.store, opened.config.reservationKey, text);
        const isErased = (await opened.erasures.list()).some(({ subject }) => subject === stream);
        const confirm = isErased || options.yes ? null : await typedDni(stream);
        const certificate = await erase(opened, stream, { reason, confirm, actor });
        console.log(
          options.json ? JSON.stringify(certificate, null, 2) : certificateLines(certificate).join('\n'),
        );
      });
    });

const checkOf = bodyCheck<{ reason: string; actor: string }>({
  type: 'object',
  properties: { reason: requiredText, actor: requiredText },
});

function checked({ reason, actor }: EraseOptions): { reason: string; actor: string } {
  const read = checkOf({ reason, actor });
  if ('body' in read) return read.body;
  throw new CliError(read.faults.map((fault) => `--${describeIssue(fault)}`).join('\n'), EXIT.usage);
}

/** The line typed on standard input. Throws CliError if it is empty. */
async function typedDni(stream: string): Promise<string> {
  process.stderr.write(`All personal data of ${stream} will be erased for good. To confirm, type the DNI: `);
  let typed = '';
  for await (const line of createInterface({ input: process.stdin })) {
    typed = line.trim();
    break;
  }
  // On a terminal the line that was typed has ended.
  if (!process.stdin.isTTY) process.stderr.write('\n');
  if (typed !== '') return typed;
  throw new CliError('not confirmed, nothing was erased; with --yes the DNI is not asked for');
}

async function erase(
  { erasures, whileViewsMove }: OpenedErasures,
  stream: string,
  { reason, confirm, actor }: { reason: string; confirm: string | null; actor: string },
): Promise<Certificate> {
  const requestId = randomUUID();
  const request = {
    actor: { account: actor, role: SYSTEM_ACTOR.role },
    requestId,
    correlationId: requestId,
    ifMatch: null,
    key: null,
    deadline: createDeadline(MAX_WAIT_MS),
  };
  const target = { find: async () => stream, named: stream };
  try {
    const outcome = await whileViewsMove(() =>
      erasures.erase(target, { reason, by: actor, confirm }, request),
    );
    if ('rejection' in outcome) throw refusal(outcome.rejection);
    return outcome.certificate;
  } catch (error) {
    throw (await isUnderWay(erasures, stream)) ? unproved(stream, error) : error;
  } finally {
    request.deadline.release();
  }
}

/** The error for an erasure that was refused. */
export function refusal(rejection: ErasureRejection): CliError {
  if (rejection.code === 'invalid') {
    const isUsage = rejection.faults.some(({ rule }) => rule === 'personal');
    const texts = rejection.faults.map((fault) => describeIssue(fault));
    return new CliError(`nothing was erased: ${texts.join('; ')}`, isUsage ? EXIT.usage : EXIT.failed);
  }
  if (rejection.code === 'not-found') return new CliError('no such person or user');
  return new CliError(`nothing was erased (${rejection.code}): run this again`);
}

const isUnderWay = async (erasures: OpenedErasures['erasures'], stream: string): Promise<boolean> =>
  (await erasures.list().catch(() => [])).some((one) => one.subject === stream && !isProved(one));

/** The error for an erasure that was decided but not completed. */
const unproved = (stream: string, error: unknown): CliError =>
  new CliError(
    `the erasure of ${stream} is decided, and not proved yet (${(error as Error).message}): the next server finishes it, or this command again`,
  );
