/** Below this share of usable documents, checking for them costs more than it saves. */
const MIN_SHARE = 0.15;
/** Even then, one in this many chunks is checked, because the next people may differ. */
const ASK_EVERY = 8;

/**
 * Decides, per chunk of a walk, whether to check for documents that can replace the fold of their
 * events. Long after the moment of a roll, few can.
 */
export interface DocumentTrust {
  /** Whether to check the next chunk. */
  asks(): boolean;
  /** Records how many people of a checked chunk had such a document. */
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
