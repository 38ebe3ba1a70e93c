import type { EventCodec } from '../../src/events/eventCodec.ts';
import { newDataKey } from '../../src/sealing/envelope.ts';
import type { KeyState } from '../../src/sealing/keyring.ts';
import { wrap } from '../../src/sealing/masterKeys.ts';
import { openKeys, type KeyPlace } from '../../src/sealing/opening/sealedStore.ts';
import { sealerWith } from '../../src/sealing/sealer.ts';
import { sealingCodec } from '../../src/sealing/sealingCodec.ts';

/** Keys per write. */
const AT_ONCE = 5_000;

/** Where development mode keeps the keys of a log in this folder. */
export const keyPlaceIn = (dataDir: string): KeyPlace => ({
  dataDir,
  mongoUrl: null,
  sealing: { wanted: null, masterKey: null, previousMasterKey: null },
});

/** Makes a key for each of these subjects, and a codec that has all of them in memory. */
export async function madeUpSeals(dataDir: string, subjects: readonly string[]): Promise<EventCodec> {
  const { store, masters } = await openKeys(keyPlaceIn(dataDir), true);
  const states = new Map(
    subjects.map((subject): [string, KeyState] => [subject, { state: 'key', key: newDataKey(subject) }]),
  );
  const keys = [...states.values()].flatMap((one) => (one.state === 'key' ? one.key : []));
  for (let first = 0; first < keys.length; first += AT_ONCE) {
    await store.add(keys.slice(first, first + AT_ONCE).map((key) => wrap(masters.present, key)));
  }
  await store.close();
  const unused = (): never => {
    throw new Error('a made-up log is only written');
  };
  return sealingCodec(
    sealerWith({
      ofSubjects: () => states,
      ofKeys: unused,
      create: unused,
      dropErased: unused,
      isErased: unused,
    }),
  );
}
