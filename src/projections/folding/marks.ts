import type { Parked, ViewDocument } from '../ports/readModel.ts';

/** A parked document. */
export type Marked = ViewDocument & { parked: Parked };

export const isMarked = (document: ViewDocument): document is Marked => document.parked !== null;

/** The document whose mark holds back everything up to a revision; itself where it does already. */
export const holdingBack = (document: Marked, revision: number): Marked =>
  revision <= document.parked.heldUpTo
    ? document
    : { ...document, parked: { ...document.parked, heldUpTo: revision } };
