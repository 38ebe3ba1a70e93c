import { accessSync, constants } from 'node:fs';

/** Where Debian and other systems install it. CHROMIUM names another place. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium of this machine; null if there is none, and then the tests of the console are skipped. */
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
