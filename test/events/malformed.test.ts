import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import {
  decodeData,
  decodeFoldedMetadata,
  decodeMetadata,
  encodePayload,
  NO_VERSION,
  readableMetadata,
  storedData,
  UnreadableData,
} from '../../src/events/codec.ts';
import { toDomainEvent } from '../../src/events/domainEvent.ts';
import { EventFault } from '../../src/events/eventErrors.ts';
import { recorded } from '../history/support/people.ts';

const FOLDER = new URL('../fixtures/events/', import.meta.url);
const samples = readdirSync(FOLDER)
  .filter((file) => !file.startsWith('ReservationLapsed'))
  .map((file) => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as { stored: Stored });
interface Stored {
  type: string;
  data: Record<string, unknown>;
}

const expectFault = (type: string, data: object, what: string): void => {
  expect(() => toDomainEvent(recorded({ type, data })), what).to.throw(EventFault);
};

describe('A stored event without the shape of its type', () => {
  for (const { stored } of samples) {
    const { type, data } = stored;
    it(`cannot be applied with a member that is missing, of the wrong type, or too many: ${type}`, () => {
      expect(toDomainEvent(recorded(stored))).to.deep.equal({ type, data });
      for (const member of Object.keys(data)) {
        const { [member]: _, ...rest } = data;
        expectFault(type, rest, `without ${member}`);
        for (const wrong of [undefined, [], { a: 1 }, Number.NaN]) {
          expectFault(type, { ...data, [member]: wrong }, member);
        }
      }
      expectFault(type, { ...data, extra: 1 }, 'an extra member');
      expectFault(type, new UnreadableData('{'), 'not JSON');
      for (const none of [null, [], 'text', 7]) expectFault(type, none as never, 'not an object');
    });
  }

  it('cannot be applied if its changes name an unknown member', () => {
    const right = { from: 1, to: 2 };
    const malformed = [
      null,
      [],
      { cuota: null },
      { cuota: 3 },
      { cuota: { from: 1 } },
      { cuota: { to: 1 } },
      { cuota: { from: '1', to: 2 } },
      { cuota: { ...right, why: '' } },
      { unknown: right },
      { dni: { from: 'a', to: 'b' } },
      { socio: { from: 'Socio', to: 'maybe' } },
      JSON.parse('{"__proto__":{"from":1,"to":2}}') as object,
      { toString: right },
    ];
    for (const changes of malformed) expectFault('UserEdited', { changes }, JSON.stringify(changes));
    const event = recorded({ type: 'UserEdited', data: { changes: { cuota: right } } });
    expect(toDomainEvent(event)?.type).to.equal('UserEdited');
  });

  it('is reported by the name of a known member, never by a value or an unknown name', () => {
    const event = recorded({
      type: 'UserEdited',
      data: { changes: { 'María García': { from: 1, to: 2 } } },
    });
    expect(() => toDomainEvent(event)).to.throw(/^changes names an unknown member$/);
    const other = recorded({ type: 'UserEdited', data: { changes: { email: { from: 'María', to: 5 } } } });
    expect(() => toDomainEvent(other)).to.throw(/^the change of email has a value of the wrong type$/);
  });
});

describe('Stored text that cannot be read', () => {
  it('is returned as UnreadableData, and is written back unchanged', () => {
    for (const text of ['', '{', 'María', 'null', '7', '"text"']) {
      const data = decodeData(text);
      expect(data, text).to.be.instanceOf(UnreadableData);
      expect(encodePayload(data)).to.equal(text);
    }
    expect(decodeData('{"a":1}')).to.deep.equal({ a: 1 });
  });

  it('is treated the same if the client parses it itself', () => {
    expect(storedData({ a: 1 })).to.deep.equal({ a: 1 });
    expect(storedData(Buffer.from('{"a":1}'))).to.deep.equal({ a: 1 });
    for (const value of ['{', Buffer.from('{'), null, undefined, 7]) {
      expect(storedData(value)).to.be.instanceOf(UnreadableData);
    }
  });

  it('is returned as metadata with a neutral value for each missing or wrong member', () => {
    const { metadata } = recorded({ type: 'UserRemoved', data: {} });
    expect(readableMetadata(metadata)).to.equal(metadata);
    const neutral = {
      actor: { account: '', role: '' },
      requestId: '',
      commandId: '',
      schemaVersion: NO_VERSION,
      occurredAt: '1970-01-01T00:00:00.000Z',
      $correlationId: '',
      $causationId: '',
    };
    for (const text of ['', '{', 'null', '[]', '{}', '7']) {
      expect(decodeMetadata(text), text).to.deep.equal(neutral);
    }
    const wrong = { ...metadata, occurredAt: 'zzzz', actor: { account: 1, role: 'admin' }, revertTo: -1 };
    const { revertTo: _, ...rest } = wrong;
    expect(readableMetadata(wrong)).to.deep.equal({
      ...rest,
      occurredAt: neutral.occurredAt,
      actor: { account: '', role: 'admin' },
    });
  });

  it('is folded with the version and the instant that its whole metadata has', () => {
    const { metadata } = recorded({ type: 'UserRemoved', data: {} });
    const quoting = { account: 'a","schemaVersion":7,"occurredAt":"2020-01-01T00:00:00.000Z"', role: 'x' };
    const { schemaVersion, occurredAt, ...rest } = metadata;
    const texts = [
      metadata,
      { ...metadata, actor: quoting },
      { ...metadata, schemaVersion: 12 },
      { ...metadata, schemaVersion: '1' },
      { ...metadata, schemaVersion: 0 },
      { ...metadata, occurredAt: '2026-13-01T00:00:00.000Z' },
      { ...metadata, occurredAt: '2026-01-01T00:00:00Z' },
      { ...metadata, occurredAt: '2026-01-01' },
      { occurredAt, schemaVersion, ...rest },
      { nested: { schemaVersion: 9, occurredAt }, ...metadata },
      rest,
    ].map((one) => JSON.stringify(one));
    const broken = ['', '{', 'null', '[]', '{}', '7', texts[0]?.slice(0, -5) ?? '', `[${texts[0]}]`];
    for (const text of [...texts, ...broken]) {
      const whole = decodeMetadata(text);
      const folded = decodeFoldedMetadata(text);
      expect([folded.schemaVersion, folded.occurredAt], text).to.deep.equal([
        whole.schemaVersion,
        whole.occurredAt,
      ]);
    }
    expect(decodeFoldedMetadata(texts[0] ?? '').requestId, 'not parsed').to.equal('');
  });

  it('makes an event unreadable if the metadata has no schema version', () => {
    for (const type of ['UserRemoved', 'AccountOpened']) {
      const event = { ...recorded({ type, data: {} }), metadata: readableMetadata(undefined) };
      expect(() => toDomainEvent(event)).to.throw(EventFault);
    }
  });
});
