import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { timeOrderedId } from '../src/timeOrderedId.ts';
const mods = process.argv.slice(2);
const EVENTS = Number(process.env['EVENTS'] ?? 60000), BATCH = Number(process.env['BATCH'] ?? 400);
const json = (n: number, position: number) => JSON.stringify({ position: String(position), subject: `user-${n}`, revision: 3, type: 'UserEdited', at: new Date().toISOString(), actor: { account: 'bench', role: 'monitor' }, correlation: randomUUID(), request: randomUUID(), summary: 'monitor bench cambió telefono de user-' + n, reason: null, changes: [{ field: 'telefono', before: '600000001', after: '600000002' }] });
const res: Record<string, number[]> = {};
for (let round = 0; round < 3; round++) for (const m of mods) {
  const { openRowGeneration } = await import(m);
  const dir = mkdtempSync(join(tmpdir(), 'rowb-'));
  const g = openRowGeneration(join(dir, 'h.db'));
  let position = 0; let from: any = null; let at = Date.now();
  const rows: any[] = [];
  for (let i = 0; i < EVENTS; i++) { const n = 1 + ((process.env['SEQ'] ? i : i * 7919) % 10000); position += 1; at += i % 3 === 0 ? 1 : 0; rows.push({ position: BigInt(position), at, keys: [`subject:user-${n}`, `correlation:${timeOrderedId()}`, 'actor:bench', 'type:UserEdited', 'field:telefono'], json: json(n, position) }); }
  // prime: first 20000
  const id = randomUUID();
  const cp = (p: number) => ({ position: BigInt(p), eventId: id, id } as any);
  const run = async (a: number, b: number) => { for (let i = a; i < b; i += BATCH) { const part = rows.slice(i, Math.min(i + BATCH, b)); const to = { ...cp(Number(part.at(-1).position)) }; const r = await g.write({ rows: part, from, to }); if (r !== 'written') throw new Error(r); from = to; } };
  await run(0, 20000);
  const c0 = process.cpuUsage();
  await run(20000, EVENTS);
  const c1 = process.cpuUsage(c0);
  (res[m] ??= []).push((c1.user + c1.system) / (EVENTS - 20000));
  g.close(); rmSync(dir, { recursive: true, force: true });
}
for (const [m, v] of Object.entries(res)) console.log(m.padEnd(60), v.map((x) => x.toFixed(1)).join(' '), 'us/event');
process.exit(0);
