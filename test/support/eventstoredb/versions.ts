import { isLong } from '../long.ts';

/** The servers that the stand-in can answer as. */
export const SERVER_VERSIONS = ['23.10.8', '24.10.4', '25.0.0'] as const;

/** Those that a run of the tests tries: all of them in a long run, else the newest. */
export const TRIED_VERSIONS: readonly ServerVersion[] = isLong ? SERVER_VERSIONS : SERVER_VERSIONS.slice(-1);

export type ServerVersion = (typeof SERVER_VERSIONS)[number];

/** What differs between them, as far as a client can tell. */
export interface Traits {
  /** A live subscriber that reads too slowly is dropped; else it is served from the log, and told again that it has caught up. */
  dropsSlow: boolean;
  /** A subscription to a stream that is not there is told that it has caught up. */
  catchesUpOnMissing: boolean;
  /** A subscription from beyond the end gets nothing until the log has passed that position; else whatever comes next. */
  waitsBeyondEnd: boolean;
  /** A subscription from between two events is confirmed before it is refused. */
  confirmsInvalidPosition: boolean;
  /** The checkpoint before "caught up", where a filter matches nothing from the start of a short log; null: none is sent. */
  checkpointOfNothing: bigint | null;
}

const NEWER = {
  dropsSlow: false,
  catchesUpOnMissing: true,
  waitsBeyondEnd: true,
  confirmsInvalidPosition: true,
};

export const TRAITS: Record<ServerVersion, Traits> = {
  '23.10.8': {
    dropsSlow: true,
    catchesUpOnMissing: false,
    waitsBeyondEnd: false,
    confirmsInvalidPosition: false,
    checkpointOfNothing: null,
  },
  '24.10.4': { ...NEWER, checkpointOfNothing: 2n ** 64n - 1n },
  '25.0.0': { ...NEWER, checkpointOfNothing: 0n },
};
