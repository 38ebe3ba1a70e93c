import { Command } from 'commander';
import { runViewJob } from './jobs/viewJob.ts';

export const rebuildCommand = (): Command =>
  new Command('rebuild')
    .description('Rebuild a view from the first event next to the current one, then switch to it.')
    .argument('<name>', 'the view: personas, users or history')
    .option('--follow', 'show the progress until it ends')
    .addHelpText(
      'after',
      `
A server that maintains the view does the work; without one, this process does it and shows the progress. Reads
and writes continue meanwhile. On a terminal the progress is one line; elsewhere it is one JSON line per change,
in the format of GET /admin/jobs/:id. Ctrl-C leaves a job on the server running. A job of this process stops
where it is: the next server, or the same command again, continues it.
Exit code 0: done (or begun on the server); 1: refused, failed, cancelled or interrupted; 2: wrong call.`,
    )
    .action((name: string, { follow = false }: { follow?: boolean }) => runViewJob(name, 'rebuild', follow));
