import type { EventCodec } from '../../src/events/eventCodec.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { appendRules } from './contract/appending.ts';
import { codecRules } from './contract/encoding.ts';
import { closeRules } from './contract/closing.ts';
import { deadlineRules } from './contract/deadlines.ts';
import { outageRules } from './contract/outages.ts';
import { concurrencyRules } from './contract/racing.ts';
import { readRules } from './contract/reading.ts';
import { repeatRules } from './contract/repeating.ts';
import { multiStreamRules } from './contract/severalStreams.ts';
import { subscribeRules } from './contract/subscribing.ts';

/** A store on storage of its own that holds no event yet. */
export interface OpenedEventStore {
  store: EventStore;
  /** Keeps the store from its storage while `meanwhile` runs, as an outage does. Left out where there is nothing to cut. */
  interrupted?: (meanwhile: () => Promise<void>) => Promise<void>;
  /** Another store on the same log, without a codec: shows events as they are stored. */
  openPlain(): Promise<EventStore>;
  /** Closes the store and whatever was started for it. Called once, also where the test closed the store itself. */
  close(): Promise<void>;
}

/** States the rules of the EventStore port for one adapter; `open` is called anew for each of them. */
export function describeEventStoreContract(
  name: string,
  open: (codec?: EventCodec) => Promise<OpenedEventStore>,
): void {
  describe(`${name} keeps the rules of an event store`, () => {
    let opened: OpenedEventStore;
    let store: EventStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(async () => {
      await opened.close();
    });

    describe('append', () => {
      appendRules(() => store);
    });
    describe('append over several streams', () => {
      multiStreamRules(() => store);
    });
    describe('repeated appends', () => {
      repeatRules(() => store);
    });
    describe('concurrent appends', () => {
      concurrencyRules(() => store);
    });
    describe('reading', () => {
      readRules(() => store);
    });
    describe('subscribe', () => {
      subscribeRules(() => store);
      outageRules(() => opened);
    });
    describe('deadlines', () => {
      deadlineRules(() => store);
    });
    describe('close', () => {
      closeRules(() => store);
    });
  });

  describe(`${name} encodes and decodes events through its codec`, () => {
    codecRules(open);
  });
}
