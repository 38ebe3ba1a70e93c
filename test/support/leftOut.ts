import { findChromium } from './console/chromium.ts';
import { isLong } from './long.ts';

/** What this test run skips, and how to include it, one line each. */
export function leftOut(): string[] {
  const lines: string[] = [];
  if (!isLong)
    lines.push('Left out: the long tests and the long forms. To include them: TEST_LONG=1 npm test');
  if (!process.env['TEST_MONGODB_URL'])
    lines.push(
      'Left out: the tests on MongoDB. To include them: TEST_MONGODB_URL=$(bash .ci/mongodb.sh) npm test, ' +
        'or TEST_MONGODB_URL=mongodb://host:port of a server whose databases padron-test-… may come and go.',
    );
  if (findChromium() === null)
    lines.push(
      'Left out: the tests in a browser. To include them: apt-get install chromium, or set CHROMIUM',
    );
  return lines;
}
