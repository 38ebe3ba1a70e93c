import { isLong } from '../long.ts';

/** The versions that the stand-in can imitate. */
export const SERVER_VERSIONS = ['23.10.8', '24.10.4', '25.0.0'] as const;

/** The versions that a test run tries: all in a long run, otherwise the newest. */
export const TRIED_VERSIONS: readonly ServerVersion[] = isLong ? SERVER_VERSIONS : SERVER_VERSIONS.slice(-1);

export type ServerVersion = (typeof SERVER_VERSIONS)[number];

/** The differences between the versions that a client can notice. */
export interface Traits {
  /** Drops a live subscriber that reads too slowly. Otherwise serves it from the log and reports again that it has caught up. */
  dropsSlow: boolean;
  /** Reports "caught up" to a subscription to a stream that does not exist. */
  catchesUpOnMissing: boolean;
  /** A subscription from beyond the end gets nothing until the log has passed that position. Otherwise it gets the next event. */
  waitsBeyondEnd: boolean;
  /** A subscription from between two events is confirmed before it is refused. */
  confirmsInvalidPosition: boolean;
  /** The checkpoint before "caught up" if a filter matches nothing in a short log; null: none is sent. */
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
