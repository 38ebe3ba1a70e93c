import type { Config } from '../../config/config.ts';
import { isEventLogThere } from '../../service/stores.ts';
import { CliError, EXIT } from '../output/exit.ts';

/** For a command that looks at what is there. Throws CliError over an embedded store without a log: opened, a mistyped DATA_DIR would be made, empty and well. */
export function requireExistingData(config: Pick<Config, 'dataDir' | 'eventStoreUrl'>): void {
  if (isEventLogThere(config)) return;
  throw new CliError(
    `there is no padron data in ${config.dataDir}: DATA_DIR has to name the folder that holds events.db`,
    EXIT.usage,
  );
}
