import type { Aggregate } from '../commands/aggregate.ts';
import type { ViewDeclaration } from './readModel.ts';

/**
 * A view with one document a subject. Its documents are the aggregate's states: `aggregate.evolve` is the projection, so that answers, as-of,
 * rebuild and verify share one pure fold (docs/adr/0006).
 */
export interface DocumentView<Body extends object> extends ViewDeclaration {
  aggregate: Aggregate<Body>;
  /** What `q` finds a document by; see searchText. */
  searchTextOf(body: Body): string;
}
