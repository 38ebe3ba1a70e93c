import type { Projection } from '../../../src/projections/folding/projection.ts';
import type { Checkpoint } from '../../../src/projections/record/viewDeclaration.ts';

/** A projection that only notes what it is given. */
export interface NotingProjection {
  projection: Projection;
  /** Positions of the events that were applied. */
  applied: Set<bigint>;
  /** The positions to which its checkpoint moved. */
  moves: bigint[];
  /** The batches that it was to prepare for, each as the first positions of the batch and of the one before. */
  prepared: (bigint | undefined)[][];
  checkpoint: Checkpoint | null;
  /** Runs before each batch is applied. */
  beforeApply(): Promise<void>;
}

export function notingProjection(): NotingProjection {
  const applied = new Set<bigint>();
  const moves: bigint[] = [];
  const noted: NotingProjection = {
    applied,
    moves,
    prepared: [],
    checkpoint: null,
    beforeApply: async () => undefined,
    projection: {
      name: 'personas',
      prefixes: ['persona-'],
      checkpoint: async () => noted.checkpoint,
      prepare: (events, before) => noted.prepared.push([events[0]?.position, before[0]?.position]),
      async apply(events, from, to) {
        await noted.beforeApply();
        if (noted.checkpoint?.position !== from?.position) return 'refused';
        for (const { position } of events) applied.add(position);
        noted.checkpoint = to;
        moves.push(to.position);
        return 'written';
      },
      filling: () => {
        throw new Error('a follower of the log does not build generations');
      },
      settle: async () => undefined,
    },
  };
  return noted;
}
