import { StandIn } from './standIn.ts';
import { obey } from './commands.ts';
import type { Command } from './commands.ts';

/** Runs the stand-in in a process of its own: `tsx main.ts [PORT]`, or forked by startEventStoreDb with commands over IPC. */
const standIn = await StandIn.start(Number(process.argv[2] ?? 0));

process.on('message', (message: { id: number; command: Command }) => {
  void obey(standIn, message.command).then((result) => process.send?.({ id: message.id, result }));
});
process.on('disconnect', () => process.exit());

if (process.send) process.send({ port: standIn.front.port });
else console.log(`esdb://127.0.0.1:${standIn.front.port}?tls=false`);
