import { Cluster } from './cluster.ts';
import { obey } from './commands.ts';
import type { Command } from './commands.ts';
import type { Security } from './security.ts';
import { StandIn } from './standIn.ts';
import type { ServerVersion } from './versions.ts';

export interface StandInOptions {
  /** Port of the first node; 0: any free one. */
  port?: number;
  nodes?: number;
  version?: ServerVersion;
  security?: Security;
}

/** Runs the stand-in in a process of its own: `tsx main.ts [OPTIONS AS JSON]`, or forked with commands over IPC. */
const {
  port = 0,
  nodes = 1,
  version = '23.10.8',
  ...rest
} = JSON.parse(process.argv[2] ?? '{}') as StandInOptions;
const cluster = new Cluster();
const first = await StandIn.start(cluster, { port, version, ...rest });
for (let n = 1; n < nodes; n += 1) await StandIn.start(cluster, { port: 0, version, ...rest });

process.on('message', (message: { id: number; command: Command }) => {
  void obey(first, message.command).then((result) => process.send?.({ id: message.id, result }));
});
process.on('disconnect', () => process.exit());

const ports = cluster.nodes.map((node) => node.port);
if (process.send) process.send({ ports });
else console.log(`esdb://${ports.map((one) => `127.0.0.1:${one}`).join(',')}?tls=false`);
