import type { KeyObject } from 'node:crypto';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import type { Position } from '../../../events/eventStore.ts';
import type { Documents } from '../../../projections/reading/documents.ts';
import type { Accepts, RollFilters } from '../../../roll/filters.ts';
import type { Horizon } from '../../../events/eventStore.ts';
import type { RollKind } from '../../../roll/rollKinds.ts';
import type { RollReader } from '../../../roll/reading/readRoll.ts';
import type { DoRollWork } from '../../../roll/wholeRoll/rollWork.ts';
import { decodeRollCursor, encodeRollCursor } from '../../../roll/reading/rollCursor.ts';
import { requestState } from '../../route/requestState.ts';
import type { ErrorStyle } from '../../errors/errors.ts';
import { nextLink } from '../../answers/nextLink.ts';
import type { JsonSchema } from '../../../validation/schema.ts';
import { cursorRefusal } from '../history/historyQuery.ts';
import type { LogHistoryRead } from '../history/historyReads.ts';
import type { MomentRules } from '../../requests/moments.ts';

/** The dependencies of all routes of rolls. */
export interface RollParts {
  moments: MomentRules;
  /** Signs cursors. */
  cursorKey: KeyObject;
  noteRead: LogHistoryRead;
  /** Runs the work that reads a whole roll. */
  doRollWork: DoRollWork;
  logger: Logger;
}

/** One kind of roll, as its routes show it. */
export interface RollResource<State extends object> extends RollParts {
  kind: RollKind<State>;
  reader(): RollReader<State>;
  documents: Documents<State>;
  /** `/users`; the list is at the path itself. */
  path: string;
  tag: string;
  /** Ends the operation ids: `Users`. */
  operation: string;
  /** Roles that may read the present list. */
  presentReaders: readonly string[];
  /** Roles that may read past states. */
  pastReaders: readonly string[];
  style: ErrorStyle;
  /** The additional filters of this kind; `day` is the day of the list. */
  accepts(filters: RollFilters, day: string): Accepts<State>;
  /** Whether it has the filters of users. */
  hasUserFilters: boolean;
  pageSchema: JsonSchema;
}

/** The start of a walk. */
export interface WalkStart {
  horizons: readonly Horizon[];
  /** The id after which it starts. */
  after: number;
}

/**
 * The start of a walk: the place in its cursor, or else the beginning, with horizons that are fixed
 * now. Refuses a cursor of another query (400). Sets X-Padron-Behind if the view has not caught up.
 */
export async function startWalk(
  ctx: Context,
  { cursorKey }: Pick<RollParts, 'cursorKey'>,
  { question, cursor }: { question: string; cursor: string | null },
  fix: () => Promise<{ horizons: readonly Horizon[]; behind: boolean }>,
): Promise<WalkStart> {
  if (cursor !== null) {
    const place = decodeRollCursor(cursorKey, question, cursor);
    if (!place) throw cursorRefusal();
    return place;
  }
  const { horizons, behind } = await fix();
  if (behind) ctx.set('x-padron-behind', 'true');
  return { horizons, after: 0 };
}

/** The cursor of the next page, null on the last one; sets the Link header. */
export function nextOf(
  ctx: Context,
  { cursorKey }: Pick<RollParts, 'cursorKey'>,
  question: string,
  { horizons, next }: { horizons: readonly Horizon[]; next: number | null },
): string | null {
  if (next === null) return null;
  const cursor = encodeRollCursor(cursorKey, question, { horizons, after: next });
  ctx.set('link', nextLink(ctx, cursor));
  return cursor;
}

/** The horizons at these instants, all at the log's present end. */
export async function fixAt<State extends object>(
  ctx: Context,
  reader: RollReader<State>,
  instants: readonly number[],
  position: Position | null,
): Promise<{ horizons: Horizon[]; behind: boolean }> {
  const [first = 0] = instants;
  const { deadline } = requestState(ctx);
  const { horizon, behind } = await reader.start(first, position, { deadline });
  return { horizons: instants.map((at) => ({ at, upTo: horizon.upTo })), behind };
}

/** An instant as answers show it. */
export const instantText = (at: number): string => new Date(at).toISOString();
