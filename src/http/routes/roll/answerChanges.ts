import type { Context } from 'koa';
import { changeOfCandidate } from '../../../roll/changes/changes.ts';
import { pageOf } from '../../../roll/reading/rollPage.ts';
import { answerJson } from '../../answers/answers.ts';
import { requestState } from '../../route/requestState.ts';
import { rollChangesSchema } from '../../../presentation/rollSchemas.ts';
import type { Route } from '../../route/route.ts';
import { CSV, NDJSON, streamedOf } from '../../route/streamed.ts';
import { answerPages, streamPages } from '../../answers/streamedPages.ts';
import { fileFormatOf } from './rollList.ts';
import { instantText, nextOf, type RollResource, type WalkStart } from './rollParts.ts';

/** The possible answers of every route with changes. */
export const changesAnswer: Route['answer'] = {
  status: 200,
  description:
    'Who joined, left or changed, by id; with `summary=true` how many. A page may be short and still have a `next`. ' +
    'As CSV, one line per person who joined or left, and one per changed field of the others.',
  schema: rollChangesSchema,
  also: {
    [NDJSON]: { type: 'string', examples: ['{"kind":"left","id":15}\n'] },
    [CSV]: {
      type: 'string',
      examples: ['kind,id,dni,name,field,before,after\r\nleft,15,45678912C,María,,,\r\n'],
    },
  },
  headers: ['Link', 'X-Padron-Behind', 'Content-Disposition'],
};

export interface ChangesAsked {
  limit: number;
  summary: boolean;
  /** Everything that distinguishes this walk from others. */
  question: string;
  /** The place where it starts, and the two horizons to compare. */
  start: WalkStart;
  /** Its name as a file. */
  name: string;
}

/** Answers with what changed between two horizons: a page, a summary or a file. */
export async function answerChanges<State extends object>(
  ctx: Context,
  resource: Pick<RollResource<State>, 'kind' | 'reader' | 'cursorKey' | 'doRollWork' | 'logger'>,
  { limit, summary, question, start, name }: ChangesAsked,
): Promise<void> {
  const { kind, doRollWork, logger } = resource;
  const reader = resource.reader();
  const { horizons, after } = start;
  ctx.vary('accept');
  if (summary) {
    // A summary counts everyone, which may take longer than a request's deadline, so it is streamed
    // as a single piece.
    ctx.set('content-type', 'application/json; charset=utf-8');
    const pieces = doRollWork({ what: 'summary', kind: kind.name, horizons });
    await streamPages(ctx, pieces, { toText: (text) => text, logger });
    return;
  }
  const streamed = streamedOf(ctx, changesAnswer);
  if (streamed) {
    const format = fileFormatOf(streamed);
    const pieces = doRollWork({ what: 'changes', kind: kind.name, horizons, after, format });
    await answerPages(ctx, streamed, pieces, { name, toText: (text) => text, logger });
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
