import type { Host } from './host.ts';
import type { World } from './world.ts';

/** Something that an operator or a reader asked for. */
export interface Asked {
  what: string;
  host: string;
  isOver: boolean;
  /** Its process was killed or paused meanwhile. */
  isExcused: boolean;
}

/** Runs `work`, and records whether it has ended. Failing is an end, too. */
export async function record(
  { simulation, asked }: World,
  host: Host,
  what: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const one: Asked = { what, host: host.name, isOver: false, isExcused: host.isPaused };
  asked.push(one);
  simulation.note(host.name, what);
  const answer = await work().catch((error: unknown) => (error as Error).message);
  one.isOver = true;
  if (answer !== undefined) simulation.note(host.name, `${what}: ${JSON.stringify(answer).slice(0, 160)}`);
}
