import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { describeEventStoreContract } from './eventStoreContract.ts';

describeEventStoreContract('the model in memory', async () => {
  const store = memoryEventStore(memoryLog());
  return { store, close: () => store.close() };
});
