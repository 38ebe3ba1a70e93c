import type { Config } from '../../config/config.ts';
import { isEventLogThere } from '../../service/stores.ts';
import { CliError, EXIT } from '../output/exit.ts';

/**
 * Throws CliError if the embedded log does not exist. Opening it would create it, and a mistyped
 * DATA_DIR would look like a healthy, empty padron.
 */
export function requireExistingData(config: Pick<Config, 'dataDir' | 'eventStoreUrl'>): void {
  if (isEventLogThere(config)) return;
  throw new CliError(
    `there is no padron data in ${config.dataDir}: set DATA_DIR to the folder that holds events.db`,
    EXIT.usage,
  );
}
