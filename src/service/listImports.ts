import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { Registry } from 'prom-client';
import { countImportedLines } from '../http/metrics/importMetrics.ts';
import type { ImportParts } from '../http/routes/imports/importParts.ts';
import { importIn } from '../imports/jobs/runImport.ts';
import { createUploads, DEFAULT_MAX_BYTES } from '../imports/jobs/uploads.ts';
import { workOnImports, type ImportWorker } from '../imports/jobs/workOnImports.ts';
import { monotonicClock } from '../platform/clock.ts';
import { reasonOf } from '../platform/padronError.ts';
import { DEFAULT_TIME_ZONE } from '../roll/timeZone.ts';
import type { ServiceOptions } from './serviceOptions.ts';

/** The imports of this instance: the dependencies of the routes, and the worker, which starts with the service. */
export interface ListImports {
  parts: ImportParts['imports'];
  start(): ImportWorker;
}

export function createListImports(
  { config, store, readModel, clock, logger, importWith }: ServiceOptions,
  key: KeyObject,
  registry: Registry,
): ListImports {
  const { timeZone = DEFAULT_TIME_ZONE } = config;
  const uploads = createUploads(join(config.dataDir, 'imports'));
  const run = importWith ? importWith(key) : importIn({ store, key, clock, timeZone });
  const onProgress = countImportedLines(registry);
  let worker: ImportWorker | null = null;
  return {
    parts: {
      uploads,
      run,
      maxBytes: config.maxImportBytes ?? DEFAULT_MAX_BYTES,
      onBegun: () => worker?.wake(),
    },
    start() {
      worker = workOnImports({
        controls: readModel.controls,
        leases: readModel.leases,
        uploads,
        run,
        clock,
        timer: monotonicClock,
        onProgress,
        onEnd({ id, kind, state, error, import: list }) {
          logger.info({ job: id, kind, state, error, counts: list?.counts }, 'job');
        },
        onError(error) {
          logger.warn({ reason: reasonOf(error) }, 'cannot work on imports');
        },
      });
      return worker;
    },
  };
}
