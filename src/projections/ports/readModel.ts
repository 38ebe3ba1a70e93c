import type { ViewRecords } from '../record/viewRecord.ts';
import type { Leases } from '../../platform/lease.ts';
import type { ViewDeclaration } from '../record/viewDeclaration.ts';
import type { ViewReader, ViewStore } from './documents.ts';
import type { RowReader, RowStore } from './rows.ts';

/** How to open a generation. */
export interface OpenOptions {
  /**
   * Rejects with GoneGenerationError if the generation does not exist. For callers that got the number
   * from the record: the generation may have been dropped since, and would come back empty. With
   * DamagedViewError if it is the current one, which is not dropped while its version is in use.
   */
  mustExist?: boolean;
}

/**
 * The storage of the views. A view has numbered generations: complete copies, of which its record
 * names the current one. Reads go to the current generation; writes name theirs.
 */
export interface ReadModel {
  /** Leases among the instances that share this read model. Closed with it. */
  readonly leases: Leases;
  /** The views' records: the current generation, the jobs. */
  readonly controls: ViewRecords;
  /**
   * The current view. Reads reject with ReadModelError while there is no current generation; its
   * checkpoint is null then.
   */
  shown(view: ViewDeclaration): ViewReader;
  /** The same for an insert-only view. */
  shownRows(view: ViewDeclaration): RowReader;
  /** Opens one generation, by default created empty if it does not exist. */
  open(view: ViewDeclaration, generation: number, options?: OpenOptions): Promise<ViewStore>;
  /** The same for an insert-only view. */
  openRows(view: ViewDeclaration, generation: number, options?: OpenOptions): Promise<RowStore>;
  /** The generations of a view's version that have data, in ascending order. */
  generations(view: ViewDeclaration): Promise<number[]>;
  /** Removes a generation and its checkpoint. Where it is still open, calls reject or write in vain. */
  drop(view: ViewDeclaration, generation: number): Promise<void>;
  close(): Promise<void>;
}
