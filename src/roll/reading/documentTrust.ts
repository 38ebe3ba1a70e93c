/** Below this share of people whose documents stand for their events, to look for them costs more than it saves. */
const MIN_SHARE = 0.15;
/** One chunk in so many is asked all the same: people further on may differ. */
const ASK_EVERY = 8;

/** Decides, chunk by chunk of a walk, whether to look for documents that stand for their events; long after the moment of a roll few do. */
export interface DocumentTrust {
  /** Whether the next chunk is asked. */
  asks(): boolean;
  /** How many of the people of a chunk that was asked had such a document. */
  learn(standing: number, people: number): void;
}

export function createDocumentTrust(): DocumentTrust {
  let pays = true;
  let chunks = 0;
  return {
    asks() {
      chunks += 1;
      return pays || chunks % ASK_EVERY === 1;
    },
    learn(standing, people) {
      pays = standing >= MIN_SHARE * people;
    },
  };
}
