import type { Repository } from '../commands/loading/repository.ts';
import { user } from '../domain/user.ts';
import type { CallOptions } from '../events/eventStore.ts';
import { subjectOf } from '../events/streams.ts';

/**
 * The stream of an erased user, given the subject (`user-15`) where a request usually has the DNI:
 * some time after an erasure no answer leads from the DNI to the subject. Null for any other text.
 * Rejects with EventStoreError.
 */
export async function erasedUserNamed(
  repository: Pick<Repository, 'fresh'>,
  text: string,
  options: CallOptions = {},
): Promise<string | null> {
  if (subjectOf(text)?.kind !== 'user') return null;
  const { erased } = await repository.fresh(user, text, options);
  return erased ? text : null;
}
