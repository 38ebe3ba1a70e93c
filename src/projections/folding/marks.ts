import type { Parked, ViewDocument } from '../ports/documents.ts';

/** A parked document. */
export type Marked = ViewDocument & { parked: Parked };

export const isMarked = (document: ViewDocument): document is Marked => document.parked !== null;

/** The parked document, holding back everything up to a revision. */
export const holdingBack = (document: Marked, revision: number): Marked =>
  revision <= document.parked.heldUpTo
    ? document
    : { ...document, parked: { ...document.parked, heldUpTo: revision } };
