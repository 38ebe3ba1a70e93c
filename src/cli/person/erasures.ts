import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { certificateOf, type Certificate } from '../../erasure/certificate.ts';
import { createKnownErasures } from '../../events/bookkeeping/erasures.ts';
import { createDecidedErasures } from '../../erasure/decidedErasures.ts';
import { reapplyErasure, type Reapplied } from '../../erasure/reapplyErasure.ts';
import { parseInstant } from '../../history/instant.ts';
import { withinMs } from '../../platform/deadline.ts';
import { erasureListSchema } from '../../presentation/erasureSchemas.ts';
import { openEventStore } from '../../service/stores.ts';
import { bodyCheck } from '../../validation/schema.ts';
import { notEmpty } from '../checks/notEmpty.ts';
import { requireExistingData } from '../checks/requireExistingData.ts';
import { erasureLines } from '../output/erasureLines.ts';
import { CliError, configFromEnvironment, endWithReader, EXIT } from '../output/exit.ts';
import { MAX_WAIT_MS, refusal } from './erase.ts';
import { withErasures, type OpenedErasures } from './withErasures.ts';

interface ErasuresOptions {
  since?: string;
  reapply?: string;
  json?: boolean;
}

export const erasuresCommand = (): Command =>
  new Command('erasures')
    .description('List who was erased; erase the same people again after a backup was restored.')
    .option('--since <instant>', 'only erasures at or after this instant, such as 2026-03-01T00:00:00Z')
    .option('--reapply <file>', 'erase everyone on this list again, as printed by --json', notEmpty)
    .option('--json', 'in the format of GET /admin/erasures')
    .addHelpText(
      'after',
      `
Keep the list, as printed by --json, apart from the backups: a log and a key store from before an erasure do not know it.
--reapply may be repeated, and skips people who are erased already. With --since it only repeats erasures at or after the
instant. Ids, keys and reasons come from the list, without a confirmation. A server may run at the same time.
Exit code 0: done; 1: a person on the list could not be erased; 2: wrong call, or --reapply on a
log that is not sealed.`,
    )
    .action(async ({ since, reapply, json = false }: ErasuresOptions) => {
      endWithReader();
      const isWanted = sinceOf(since);
      if (reapply === undefined) await list(isWanted, json);
      else await reapplyAll(certificatesIn(reapply).filter(isWanted), json);
    });

/** Whether a certificate is of this instant or later. Throws CliError for a malformed instant. */
function sinceOf(since: string | undefined): (certificate: Certificate) => boolean {
  if (since === undefined) return () => true;
  const instant = parseInstant(since);
  if (!instant) {
    throw new CliError('--since must be an RFC 3339 instant such as 2026-03-01T00:00:00Z', EXIT.usage);
  }
  return ({ erasedAt }) => Date.parse(erasedAt) >= instant.ceiling;
}

async function list(isWanted: (certificate: Certificate) => boolean, json: boolean): Promise<void> {
  const config = configFromEnvironment();
  requireExistingData(config);
  const store = await openEventStore(config);
  try {
    const decided = await createDecidedErasures(store, createKnownErasures(store)).list();
    const erasures = decided.map(certificateOf).filter(isWanted);
    if (json) console.log(JSON.stringify({ erasures }, null, 2));
    else if (erasures.length > 0) console.log(erasureLines(erasures).join('\n'));
    else console.error('padron: nobody was erased');
  } finally {
    await store.close();
  }
}

const checkList = bodyCheck<{ erasures: Certificate[] }>(erasureListSchema);

/** The list in a file. Throws CliError for other content, without quoting it. */
function certificatesIn(file: string): Certificate[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'it is not JSON';
    throw new CliError(`${file} cannot be read: ${code}`, EXIT.usage);
  }
  const read = checkList(content);
  if ('body' in read) return read.body.erasures;
  throw new CliError(
    `${file} is not a list of erasures, as npx padron erasures --json prints it`,
    EXIT.usage,
  );
}

async function reapplyAll(certificates: readonly Certificate[], json: boolean): Promise<void> {
  const correlationId = randomUUID();
  const failed = await withErasures((opened) =>
    opened.whileViewsMove(async () => {
      let left = 0;
      for (const certificate of certificates) {
        const outcome = await reapplied(opened, certificate, correlationId);
        if (outcome.isDone) console.log(lineOf(certificate, outcome.text, json));
        else console.error(`padron: ${certificate.subject}: ${outcome.text}`);
        left += outcome.isDone ? 0 : 1;
      }
      return left;
    }),
  );
  process.exitCode = failed > 0 ? EXIT.failed : EXIT.done;
}

const lineOf = ({ erasure, subject }: Certificate, outcome: string, json: boolean): string =>
  json ? JSON.stringify({ erasure, subject, outcome }) : `${subject}: ${outcome}`;

interface Outcome {
  text: string;
  isDone: boolean;
}

/** Continues after a failure, so that the others are still erased. */
async function reapplied(
  { store, keyStore, erasures }: OpenedErasures,
  certificate: Certificate,
  correlationId: string,
): Promise<Outcome> {
  const stores = { store, keyStore, erasures };
  try {
    return outcomeOf(
      await withinMs(MAX_WAIT_MS, (deadline) =>
        reapplyErasure(stores, certificate, { correlationId, deadline }),
      ),
    );
  } catch (error) {
    return { text: (error as Error).message, isDone: false };
  }
}

function outcomeOf(outcome: Reapplied): Outcome {
  if (outcome === 'another person') {
    return { text: 'left alone: the id belongs to another person now, with another key', isDone: false };
  }
  if (typeof outcome === 'string') return { text: outcome, isDone: true };
  return { text: refusal(outcome).message, isDone: false };
}
