import { randomUUID } from 'node:crypto';
import type { Aggregate, Loaded, UniqueValue } from '../domain/aggregate.ts';
import { holds, type Reservations } from '../commands/claims/reservations.ts';
import { lastEventOf, NO_REVISION, type EventStore } from '../events/eventStore.ts';
import { systemOrigin } from '../events/newEvent.ts';
import type { Finding } from './difference.ts';

/** Looks at a subject that keeps moving, before it is believed: whoever moves it claims by the rules. */
const MAX_LOOKS = 5;
/** Claims that others may get in between. */
const MAX_CLAIMS = 3;

export interface HeldValuesDependencies<State> {
  store: Pick<EventStore, 'append' | 'readStream'>;
  reservations: Pick<Reservations, 'lastClaimant' | 'claim'>;
  /** The subject as its stream says now; null when it cannot be folded. */
  load(stream: string): Promise<Loaded<State> | null>;
}

/**
 * The values that a subject holds without being the last to have claimed them.
 *
 * The last claim on a held value is always its holder's: to claim behind it, another has to find that the holder does not hold the value and stands at or
 * beyond the claim's revision, and then the holder can only come to hold it by a claim of its own (docs/adr/0003). A claim in flight by somebody else
 * is no exception: it could not have been made. With any other last claim the next challenger would take the value away
 * from its holder. Since a value has one last claim, two holders of one value are told apart here, too: by the one who did not claim it last.
 */
export async function unclaimedValues<State>(
  aggregate: Aggregate<State>,
  stream: string,
  loaded: Loaded<State>,
  dependencies: HeldValuesDependencies<State>,
): Promise<{ value: UniqueValue; finding: Finding }[]> {
  const values = loaded.state === null ? [] : aggregate.uniqueValues(loaded.state);
  const unclaimed: { value: UniqueValue; finding: Finding }[] = [];
  for (const value of values) {
    const claimant = await foreignClaimant(aggregate, stream, loaded, value, dependencies);
    if (claimant === undefined) continue;
    unclaimed.push({ value, finding: { member: value.member, problem: 'reservation', claimant } });
  }
  return unclaimed;
}

/**
 * Who claimed the value last, null: nobody; undefined: its holder, as it should be, or it is not held any more. What was read from two
 * streams counts only when the subject's stream stood still in between.
 */
async function foreignClaimant<State>(
  aggregate: Aggregate<State>,
  stream: string,
  seen: Loaded<State>,
  value: UniqueValue,
  { store, reservations, load }: HeldValuesDependencies<State>,
): Promise<string | null | undefined> {
  let loaded: Loaded<State> | null = seen;
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    if (!loaded || !holds(aggregate, loaded, value)) return undefined;
    const claimant = await reservations.lastClaimant(value);
    if (claimant === stream) return undefined;
    const last = await lastEventOf(store, stream);
    if ((last?.revision ?? NO_REVISION) === loaded.revision) return claimant;
    loaded = await load(stream);
  }
  return undefined;
}

/**
 * Claims the value anew for the subject that holds it; false where it may not have it. Safe, because it is the claim that any command makes: refused
 * while somebody else holds the value, waiting for and then fencing a claim in flight, appended at the revision that was
 * looked at. The claim names a revision that the subject has passed, so it counts only while the value is held.
 */
export async function claimAgain<State>(
  aggregate: Aggregate<State>,
  stream: string,
  value: UniqueValue,
  { store, reservations, load }: HeldValuesDependencies<State>,
): Promise<boolean> {
  const origin = systemOrigin(randomUUID());
  for (let claims = 0; claims < MAX_CLAIMS; claims += 1) {
    const loaded = await load(stream);
    if (!loaded || !holds(aggregate, loaded, value)) return true;
    const claim = await reservations.claim(aggregate, value, {
      owner: stream,
      revision: loaded.revision,
      origin,
    });
    if (claim === 'taken' || claim === 'contended') return false;
    const result = await store.append([claim]);
    if (result.outcome === 'appended') return true;
  }
  return false;
}
