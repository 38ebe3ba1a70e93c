import { pino } from 'pino';
import { createCommandSide } from '../../commands/handling/commandSide.ts';
import type { Config } from '../../config/config.ts';
import type { Erasures } from '../../erasure/erasures.ts';
import { fixedKey } from '../../events/bookkeeping/settings.ts';
import type { EventStore } from '../../events/eventStore.ts';
import { systemClock } from '../../platform/clock.ts';
import type { KeyStore } from '../../sealing/keyStore.ts';
import { keysOf } from '../../sealing/opening/sealedStore.ts';
import { assertOwnLog } from '../../service/ownLog.ts';
import { erasuresOver } from '../../service/serviceErasures.ts';
import { builderFor } from '../../service/stores.ts';
import { whileMaintaining } from '../jobs/catchUp.ts';
import { interruptible } from '../jobs/followJob.ts';
import { withViews, type OpenedViews } from '../jobs/withViews.ts';
import { CliError, EXIT } from '../output/exit.ts';
import { progressLine } from '../output/verifyLines.ts';

/** The erasures of the configured stores. */
export interface OpenedErasures {
  config: Config;
  store: EventStore;
  keyStore: KeyStore;
  erasures: Erasures;
  /**
   * Runs `work`, which waits for the views, until it is done or interrupted. A server maintains the
   * views meanwhile, or this process if there is none. Rejects with CliError if the views cannot
   * catch up, or if interrupted.
   */
  whileViewsMove<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Opens the stores for `work` and closes them afterwards. A server may run. As at a server's start,
 * views that are newer than the log, as after a restore, are set aside first. Throws CliError if the
 * log is empty or not sealed; rejects with OtherLogError if the views belong to another log.
 */
export function withErasures<T>(work: (opened: OpenedErasures) => Promise<T>): Promise<T> {
  return withViews(async (opened) => {
    const { config, store, readModel, views } = opened;
    const key = await fixedKey(store, config.reservationKey);
    const keys = await keysOf(store);
    if (!key || !keys) {
      throw new CliError(
        'nobody can be erased from this event log: it is not sealed (see npx padron copy --seal --to FOLDER)',
        EXIT.usage,
      );
    }
    await assertOwnLog({
      store,
      readModel,
      views,
      clock: systemClock,
      onSetAside: ({ view, reason }) => {
        console.error(`padron: the view ${view} is set aside and built again: ${reason}`);
      },
    });
    const commands = createCommandSide({ store, key, clock: systemClock });
    const erasures = erasuresOver({
      store,
      readModel,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      commands,
      forget: commands.repository.forget,
    });
    return work({
      config,
      store,
      keyStore: keys.store,
      erasures,
      whileViewsMove: (wait) => whileViewsMove(opened, wait),
    });
  });
}

async function whileViewsMove<T>(
  { config, store, readModel, views }: OpenedViews,
  work: () => Promise<T>,
): Promise<T> {
  const progress = progressLine(process.stderr, false);
  try {
    return await interruptible((signal) =>
      whileMaintaining(
        {
          views,
          readModel,
          store,
          clock: systemClock,
          fill: builderFor(config),
          logger: pino({ level: 'silent' }),
          signal,
          onWait: progress.note,
        },
        () => Promise.race([work(), interruption(signal)]),
      ),
    );
  } finally {
    progress.clear();
  }
}

const interruption = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new CliError('interrupted'));
    });
  });
