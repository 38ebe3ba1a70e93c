import { expect } from 'chai';
import { describeLongInBrowser } from '../support/console/inBrowser.ts';
import { demoServiceForTests, MARTA } from '../support/console/demoRoll.ts';
import { aUser } from '../support/people.ts';
import { tokenOf } from '../support/tokens.ts';

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** Each screen with a selector of what it shows when it is complete. */
const SCREENS: readonly (readonly [path: string, shows: string])[] = [
  ['/console/users', 'table.roll'],
  [`/console/users?at=${daysAgo(20)}`, 'table.roll'],
  [`/console/users?from=${daysAgo(100)}`, '.roll-changes'],
  ['/console/users?show=saved&roll=1', '.comparison .roll-changes'],
  ['/console/personas', 'table.roll'],
  [`/console/users/${MARTA.dni}?revision=4`, '.compare table'],
  ['/console/users/LONG-1', '.entry'],
  ['/console/audit?field=cuota&actor=tesoreria', '.audit-entry'],
  ['/console/views', 'canvas'],
  ['/console/jobs', '.job'],
  ['/console/imports', 'input[type=file]'],
  ['/console/privacy', '.card .facts'],
  ['/docs', '.list'],
  ['/docs?operation=listUsers', '.try'],
];

const MODES = [
  { language: 'es', theme: 'dark', width: 360 },
  { language: 'en', theme: 'light', width: 360 },
  { language: 'en', theme: 'dark', width: 1280 },
  { language: 'es', theme: 'light', width: 2560 },
] as const;

describeLongInBrowser('Every screen of the console', (open) => {
  const running = demoServiceForTests();
  before(async () => {
    const { service, send } = running();
    const [long, token] = ['Ñ'.repeat(200), tokenOf('admin')];
    await aUser(service, { nombre: long, apellidos: long, direccion: long, dni: 'LONG-1' });
    await send('POST', '/rolls', { token, body: { name: long, kind: 'users', at: daysAgo(20) } });
    const body = { reason: 'Request 81', confirm: '70605041T' };
    await send('POST', '/api/personas/2/erase', { token, body });
    await send('POST', '/admin/verify', { token });
  });

  for (const { language, theme, width } of MODES)
    it(`fits, can be read and has no serious finding of axe-core (${language}, ${theme}, ${width} px)`, async function () {
      this.timeout(180_000);
      const options = { language, theme, viewport: { width, height: 800 } } as const;
      for (const [path, shows] of SCREENS) {
        const { page, accessibilityFaults, close } = await open(running().service.url, path, options);
        await page.locator(shows).first().waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth'), path).to.equal(width);
        expect(await page.locator('html').getAttribute('lang'), path).to.equal(language);
        expect(await accessibilityFaults(), path).to.deep.equal([]);
        await close();
      }
    });
});
