import { accessSync, constants } from 'node:fs';

/** Where Debian and others put it. CHROMIUM names another one. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium of this machine, null where there is none: the tests of the console are then left out. */
export function findChromium(): string | null {
  const named = process.env['CHROMIUM'];
  return (named === undefined ? PLACES : [named]).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
