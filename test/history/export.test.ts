import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import { toCsv, toNdjson } from '../../src/history/export.ts';
import { decimalOf, SEPARATORS } from '../../src/presentation/csv.ts';
import { entryOf } from '../../src/projections/views/history.ts';
import { aUser, recorded } from './support/people.ts';

const jsonOf = (...events: Parameters<typeof recorded>[0][]): string[] =>
  events.map((event) => JSON.stringify(entryOf(recorded(event))));

async function* pagesOf(...pages: string[][]): AsyncGenerator<string[]> {
  yield* pages;
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

const edit = (from: unknown, to: unknown): { type: string; data: object } => ({
  type: 'UserEdited',
  data: { changes: { direccion: { from, to } } },
});

describe('An export as NDJSON', () => {
  it('has one line per entry', async () => {
    const [one, two, three] = jsonOf(
      { type: 'UserRegistered', data: aUser },
      edit('a', 'b'),
      edit('b', '\n'),
    );
    const text = await textOf(toNdjson(pagesOf([one!, two!], [], [three!])));
    expect(text).to.equal(`${one}\n${two}\n${three}\n`);
  });

  it('is empty if there are no entries', async () => {
    expect(await textOf(toNdjson(pagesOf([])))).to.equal('');
  });
});

describe('An export as CSV', () => {
  const rows = async (...json: string[]): Promise<Record<string, string>[]> =>
    parse(await textOf(toCsv(pagesOf(json))), { bom: true, columns: true });

  it('begins with a byte order mark and a header, and ends its lines as RFC 4180 requires', async () => {
    const text = await textOf(toCsv(pagesOf(jsonOf(edit('a', 'b')))));
    expect(text.startsWith('\uFEFFposition,subject,revision,type,at,account,role,')).to.equal(true);
    expect(text.split('\r\n')).to.have.lengthOf(3);
  });

  it('has one line per changed member, and one for an entry without changes', async () => {
    const [first, ...others] = await rows(
      ...jsonOf({ type: 'UserRemoved', data: {} }, { type: 'UserRegistered', data: aUser }),
    );
    expect(first).to.include({
      position: '7',
      subject: 'user-15',
      type: 'UserRemoved',
      field: '',
      before: '',
      after: '',
    });
    expect(others).to.have.lengthOf(Object.keys(aUser).length - 1);
    expect(others.find(({ field }) => field === 'cuota')).to.include({ before: '', after: '25' });
    expect(others.find(({ field }) => field === 'password')).to.include({ before: '', after: '***' });
  });

  it('keeps accents, quotes, commas and line breaks within their cell', async () => {
    const value = 'Ñandú «€», "quoted"\r\nsecond line 😀';
    const [row] = await rows(...jsonOf(edit(value, 'x')));
    expect(row).to.include({ before: value, after: 'x' });
  });

  it('uses the requested separator, and has no header if none is requested', async () => {
    const json = jsonOf(edit('a;b,c', 'x|y\tz'));
    for (const [separator, delimiter] of Object.entries(SEPARATORS)) {
      const name = separator as keyof typeof SEPARATORS;
      const format = { separator: name, decimal: decimalOf(name), hasHeader: true };
      const text = await textOf(toCsv(pagesOf(json), format));
      const options = { bom: true, columns: true, delimiter };
      expect(parse(text, options)[0]).to.include({ before: 'a;b,c', after: 'x|y\tz' });
      const bare = await textOf(toCsv(pagesOf(json), { ...format, hasHeader: false }));
      expect(bare).to.equal(text.replace(/^(\uFEFF).*?\r\n/, '$1'));
    }
  });
});

describe('An export', () => {
  it('reads ahead no further than its reader has read', async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<string[]> {
      for (;;) {
        read += 1;
        yield jsonOf(edit('a', 'b'));
      }
    }
    const pieces = toCsv(endless());
    for (let n = 0; n < 4; n += 1) await pieces.next();
    await pieces.return(undefined);
    expect(read).to.equal(3);
  });
});
