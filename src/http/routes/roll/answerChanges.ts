import type { Context } from 'koa';
import {
  addToSummary,
  changeOfCandidate,
  NO_CHANGES,
  type RollChange,
} from '../../../roll/changes/changes.ts';
import { CHANGE_COLUMNS, changeLines } from '../../../roll/changes/changesText.ts';
import type { Candidate, RollReader } from '../../../roll/reading/readRoll.ts';
import { pageOf } from '../../../roll/reading/rollPage.ts';
import { csvText } from '../../../presentation/csv.ts';
import { toNdjsonLines, type Batches } from '../../../roll/rollText.ts';
import { answerJson } from '../../answers/answers.ts';
import { requestState } from '../../route/requestState.ts';
import { rollChangesSchema } from '../../../presentation/rollSchemas.ts';
import type { Route } from '../../route/route.ts';
import { CSV, NDJSON, streamedOf, type Streamed } from '../../route/streamed.ts';
import { answerPages, streamPages } from '../../answers/streamedPages.ts';
import { instantText, nextOf, type RollResource, type WalkStart } from './rollParts.ts';

/** How every route answers with changes. */
export const changesAnswer: Route['answer'] = {
  status: 200,
  description:
    'Who joined, left or changed, by id; with `summary=true` how many. A page may be short and still have a `next`. ' +
    'As CSV, one line for each who joined or left, and one for each field of who changed.',
  schema: rollChangesSchema,
  also: {
    [NDJSON]: { type: 'string', examples: ['{"kind":"left","id":15}\n'] },
    [CSV]: {
      type: 'string',
      examples: ['kind,id,dni,name,field,before,after\r\nleft,15,45678912C,María,,,\r\n'],
    },
  },
  headers: ['Link', 'X-Padron-Behind'],
};

export interface ChangesAsked {
  limit: number;
  summary: boolean;
  /** Everything that distinguishes this walk from others. */
  question: string;
  /** Where it starts, at the two horizons to compare. */
  start: WalkStart;
  /** What a file of it is called. */
  name: string;
}

/** Answers with what changed between two horizons: a page, a summary or a file. */
export async function answerChanges<State extends object>(
  ctx: Context,
  resource: Pick<RollResource<State>, 'kind' | 'reader' | 'cursorKey' | 'logger'>,
  { limit, summary, question, start, name }: ChangesAsked,
): Promise<void> {
  const { kind, logger } = resource;
  const reader = resource.reader();
  const { horizons, after } = start;
  ctx.vary('accept');
  if (summary) {
    // A summary counts everybody, which may take longer than a request's deadline: its only piece is sent when it is known.
    ctx.set('content-type', 'application/json; charset=utf-8');
    await streamPages(ctx, reader.walk(horizons, 0), {
      toText: (all) => summaryText(resource, all),
      logger,
    });
    return;
  }
  const streamed = streamedOf(ctx, changesAnswer);
  if (streamed) {
    const toText = (all: Batches<RollChange>): AsyncIterable<string> => changesText(all, streamed);
    await answerPages(ctx, streamed, changeBatches(reader, start), { name, toText, logger });
    return;
  }
  const { deadline } = requestState(ctx);
  const page = await pageOf(reader.walk(horizons, after, { deadline }), limit, (candidate) =>
    changeOfCandidate(kind, candidate),
  );
  if (page.behind) ctx.set('x-padron-behind', 'true');
  const next = nextOf(ctx, resource, question, { horizons, next: page.next });
  const [from, to] = horizons.map(({ at }) => instantText(at));
  answerJson(ctx, { changes: page.entries, next, from, to });
}

async function* summaryText<State extends object>(
  { kind }: Pick<RollResource<State>, 'kind'>,
  batches: AsyncIterable<readonly Candidate<State>[]>,
): AsyncGenerator<string> {
  let summary = NO_CHANGES;
  for await (const batch of batches) summary = addToSummary(kind, summary, batch);
  yield JSON.stringify(summary);
}

function changesText(batches: Batches<RollChange>, { type, csv }: Streamed): AsyncGenerator<string> {
  return type === CSV ? csvText(CHANGE_COLUMNS, linesOf(batches), csv) : toNdjsonLines(batches);
}

async function* linesOf(batches: Batches<RollChange>): AsyncGenerator<unknown[][]> {
  for await (const batch of batches) yield batch.flatMap(changeLines);
}

/** Everything that changed between two horizons, from an id on, in batches. */
async function* changeBatches<State extends object>(
  reader: RollReader<State>,
  { horizons, after }: WalkStart,
): AsyncGenerator<RollChange[]> {
  for await (const batch of reader.walk(horizons, after)) {
    yield batch.flatMap((candidate) => changeOfCandidate(reader.kind, candidate) ?? []);
  }
}
