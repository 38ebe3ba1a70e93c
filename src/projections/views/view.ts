import type { Aggregate, UniqueValue } from '../../domain/aggregate.ts';
import type { RecordedEvent } from '../../events/eventStore.ts';
import type { Row, ViewDeclaration } from '../ports/readModel.ts';

/**
 * A view with one document a subject. Its documents are the aggregate's states: `aggregate.evolve` is the projection, so that answers, as-of,
 * rebuild and verify share one pure fold (docs/adr/0006).
 */
export interface DocumentView<Body extends object> extends ViewDeclaration {
  aggregate: Aggregate<Body>;
  /** The unique values (see Aggregate.uniqueValues) that documents are looked up by, named after the member that holds them. */
  lookups: readonly UniqueValue['member'][];
  /** What `q` finds a document by; see searchText. */
  searchTextOf(body: Body): string;
}

/** A view with one row an event, inserted once and never changed. */
export interface RowView extends ViewDeclaration {
  /** Streams whose events it takes: their names start with one of these. */
  prefixes: readonly string[];
  /** An event's row; null for an event that has none. Pure. Throws UnknownEventError. */
  rowOf(event: RecordedEvent): Row | null;
}
