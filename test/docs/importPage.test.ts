import { expect } from 'chai';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { HEADINGS, plainHeading } from '../../src/imports/columns/headings.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { howTo } from '../support/howTo.ts';
import { itLong } from '../support/long.ts';

const page = howTo('import');
const SAMPLE = new URL('../../docs/how-to/samples/socios.csv', import.meta.url);

describe('docs/how-to/import.md', function () {
  this.timeout(60_000);
  const folder = newFolder();
  after(() => {
    removeFolder(folder);
  });

  itLong('imports the sample as it says', async () => {
    copyFileSync(SAMPLE, join(folder, 'socios.csv'));
    const { printed } = await page.run(folder, { DATA_DIR: join(folder, 'data') });
    const [dry = '', problems = '', run = ''] = printed;
    const shown = [...page.text.matchAll(/^```text\n(.*?)^```/gms)].map(([, text = '']) => text);
    expect(dry.trim()).to.equal(shown[0]?.trim());
    expect(problems.trim()).to.equal(shown[1]?.trim());
    expect(run)
      .to.contain('5 lines: 3 imported, 0 were already there, 2 failed')
      .and.to.contain('5 lines: 0 imported, 3 were already there, 2 failed');
  });

  it('lists all headings that padron recognises', () => {
    const table = [...page.text.matchAll(/^\| (\w+)( \(personas\))? \| (.+) \|$/gm)].filter(
      ([, name]) => name !== 'member',
    );
    const listed = (kind: 'users' | 'personas'): Record<string, string[]> =>
      Object.fromEntries(
        table
          .filter(([, , isPersona]) => (isPersona !== undefined) === (kind === 'personas'))
          .map(([, member = '', , headings = '']) => [member, headings.split(', ').map(plainHeading)]),
      );
    const { users, personas } = HEADINGS;
    const known = (headings: typeof users): Record<string, readonly string[]> =>
      Object.fromEntries(Object.entries(headings).filter(([, others]) => others.length > 0));
    expect(listed('users')).to.deep.equal(known(users));
    const own = Object.entries(known(personas)).filter(([member, others]) => users[member] !== others);
    expect(listed('personas')).to.deep.equal(Object.fromEntries(own));
  });
});
