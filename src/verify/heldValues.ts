import { randomUUID } from 'node:crypto';
import type { Aggregate, Loaded, UniqueValue } from '../domain/aggregate.ts';
import { holds, type Reservations } from '../commands/claims/reservations.ts';
import { lastEventOf, NO_REVISION, type EventStore } from '../events/eventStore.ts';
import { systemOrigin } from '../events/newEvent.ts';
import type { Finding } from '../projections/folding/differentMembers.ts';

/**
 * Reads of a subject that keeps changing before it is accepted: its writers claim by the
 * rules.
 */
const MAX_READS = 5;
/** Competing claims per attempt. */
const MAX_CLAIMS = 3;

export interface HeldValuesDependencies<State> {
  store: Pick<EventStore, 'append' | 'readStream'>;
  reservations: Pick<Reservations, 'lastClaimant' | 'claim'>;
  /** The subject folded from its stream as it is now; null if it cannot be folded. */
  load(stream: string): Promise<Loaded<State> | null>;
}

/**
 * The values that a subject holds without being their last claimant.
 *
 * The last claim on a held value is always its holder's. To claim after it, another subject must
 * find that the holder does not hold the value and is at or beyond the claim's revision; then the
 * holder can only come to hold it by a new claim (docs/adr/0003). This includes claims in flight.
 * With any other last claim, the next challenger would take the value from its holder. Since a
 * value has only one last claim, this also finds values with two holders.
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
 * The last claimant if it is not the holder, null if the value was never claimed; undefined if the
 * holder claimed it last or no longer holds it. Reads of two streams only count if the subject's
 * stream did not change in between.
 */
async function foreignClaimant<State>(
  aggregate: Aggregate<State>,
  stream: string,
  seen: Loaded<State>,
  value: UniqueValue,
  { store, reservations, load }: HeldValuesDependencies<State>,
): Promise<string | null | undefined> {
  let loaded: Loaded<State> | null = seen;
  for (let looks = 0; looks < MAX_READS; looks += 1) {
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
 * Claims the value again for its holder; false if the claim is refused. Safe, because it is the
 * same claim that any command makes: refused while another subject holds the value, waiting for and
 * then fencing a claim in flight, and appended at the revision that was read. It names a revision
 * that the subject has passed, so it counts only while the value is held.
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
