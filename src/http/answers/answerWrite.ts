import type { Context } from 'koa';
import type { Outcome } from '../../commands/command.ts';
import type { Documents } from '../../projections/reading/documents.ts';
import { RequestError } from '../errors/errors.ts';
import { requireDone } from '../requests/commandRequest.ts';
import { answerDocument, answerPosition } from './answers.ts';

/**
 * Answers a write with the resulting record and returns it; later reads on this instance see it.
 * Throws the RequestError of a rejected command, and 404 if no record is left.
 */
export function answerWrite<State>(
  ctx: Context,
  outcome: Outcome<State>,
  {
    documents,
    present,
  }: { documents: Pick<Documents<State>, 'remember'>; present: (state: State) => object },
): State {
  const { id, state, revision, position } = requireDone(outcome);
  if (state === null) throw new RequestError('not-found');
  documents.remember(id, { state, revision, position });
  answerPosition(ctx, position);
  answerDocument(ctx, { id, revision, body: present(state) });
  return state;
}
