import { Command } from 'commander';
import { runViewJob } from './jobs/viewJob.ts';

export const rebuildCommand = (): Command =>
  new Command('rebuild')
    .description('Build a view anew from the first event, beside the one that is shown, and swap them.')
    .argument('<name>', 'the view: personas, users or history')
    .option('--follow', 'show how far it is until it ends')
    .addHelpText(
      'after',
      `
A server that keeps the view up to date does the work; without one this process does, and shows how far it is. Reads and writes go
on meanwhile. On a terminal the progress is one line; elsewhere it is a JSON line for each change, as GET /admin/jobs/:id answers.
Ctrl-C leaves a job at the server running. One that this process works on rests where it is: the next server, or the same
command again, goes on with it.
Exit code 0: done (or begun at the server); 1: refused, failed, cancelled or interrupted; 2: the call is wrong.`,
    )
    .action((name: string, { follow = false }: { follow?: boolean }) => runViewJob(name, 'rebuild', follow));
