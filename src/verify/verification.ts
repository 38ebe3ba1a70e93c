import type { Reservations } from '../commands/claims/reservations.ts';
import type { Clock } from '../platform/clock.ts';
import type { EventStore } from '../events/eventStore.ts';
import type { ReadModel } from '../projections/ports/readModel.ts';
import { shownValues, type FoundDifference } from './difference.ts';
import type { Finding } from '../projections/folding/differentMembers.ts';

/** The progress of a verification. */
export interface VerifyProgress {
  /**
   * Events read. This measures work, not the log: most events are read twice, along the log and
   * with their subject.
   */
  processed: number;
  /** 0 to 1. */
  share: number;
}

/** What the parts of a verification share. */
export interface Verification {
  store: EventStore;
  readModel: Pick<ReadModel, 'shown' | 'shownRows' | 'open' | 'openRows' | 'controls'>;
  reservations: Reservations;
  clock: Pick<Clock, 'now'>;
  signal: AbortSignal;
  repair: boolean;
  /** Reports the findings about one document, row or value. */
  report(findings: readonly Finding[], about: About): Promise<void>;
}

/** A document or row is right, but its index is not. */
export const inIndex = (problem: 'different' | 'unexpected'): Finding => ({ member: 'index', problem });

export type About = Pick<FoundDifference, 'projection' | 'subject' | 'revision' | 'position' | 'repaired'>;

export const toDifference = (finding: Finding, about: About, showValues: boolean): FoundDifference => ({
  ...about,
  member: finding.member,
  problem: finding.problem,
  claimant: finding.claimant ?? null,
  values: showValues ? shownValues(finding) : null,
});
