/**
 * `npm run bench` runs everything on the embedded stores; `npm run bench -- PART` one part: http, writes, history, adapters, sealing,
 * sealing-parts, lists, stalls, attacks, console, roll or past.
 */
const [part] = process.argv.slice(2);

if (part === undefined || part === 'http') await (await import('./http.ts')).benchHttp();
if (part === undefined || part === 'writes') await (await import('./writes.ts')).benchWrites();
if (part === 'stalls') await (await import('./stalls.ts')).benchStalls();
if (part === 'attacks') await (await import('./attacks.ts')).benchAttacks();
if (part === 'roll') await (await import('./roll.ts')).benchRoll();
if (part === 'past') await (await import('./past.ts')).benchPast();
if (part === undefined || part === 'console') await (await import('./console.ts')).benchConsole();
if (part === 'history') await import('./history.ts');
if (part === 'sealing') await (await import('./sealing.ts')).benchSealing();
if (part === 'sealing-parts') await (await import('./sealingParts.ts')).benchSealingParts();
if (part === 'lists') await (await import('./lists.ts')).benchLists();
if (part === 'adapters') await import('./adapters.ts');
