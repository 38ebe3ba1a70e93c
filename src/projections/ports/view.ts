import type { Aggregate, UniqueValue } from '../../domain/aggregate.ts';
import type { RecordedEvent } from '../../events/eventStore.ts';
import type { Row } from './rows.ts';
import type { ViewDeclaration } from '../record/viewDeclaration.ts';

/**
 * A view with one document per subject. Its documents are the aggregate's states:
 * `aggregate.evolve` is the projection, so answers, past states, rebuild and verify share one pure
 * fold (docs/adr/0006).
 */
export interface DocumentView<Body extends object> extends ViewDeclaration {
  aggregate: Aggregate<Body>;
  /** The unique values (see Aggregate.uniqueValues) that documents are looked up by, by member. */
  lookups: readonly UniqueValue['member'][];
  /** The text that `q` searches; see searchText. */
  searchTextOf(body: Body): string;
}

/** A view with one row per event, inserted once and never changed. */
export interface RowView extends ViewDeclaration {
  /** Prefixes of the streams whose events it takes. */
  prefixes: readonly string[];
  /** An event's row; null if it has none. Pure. Throws UnknownEventError. */
  rowOf(event: RecordedEvent): Row | null;
  /** The keys of a row from its JSON. */
  keysIn(json: string): readonly string[];
}

/** Views by what they store. */
export interface ViewsByKind {
  documentViews: readonly DocumentView<object>[];
  rowViews: readonly RowView[];
}
