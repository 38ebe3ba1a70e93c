import type { Projection } from '../../../src/projections/folding/projection.ts';
import type { Checkpoint } from '../../../src/projections/record/viewDeclaration.ts';

/** A projection that only notes what it is given. */
export interface NotingProjection {
  projection: Projection;
  /** Positions of the events that were applied. */
  applied: Set<bigint>;
  /** The positions to which its checkpoint moved. */
  moves: bigint[];
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
    checkpoint: null,
    beforeApply: async () => undefined,
    projection: {
      name: 'personas',
      prefixes: ['persona-'],
      checkpoint: async () => noted.checkpoint,
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
