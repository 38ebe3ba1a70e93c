import type { Command, Outcome, Rejection, Request } from '../../commands/command.ts';
import { correctPersona } from '../../commands/correctPersona.ts';
import { correctUser } from '../../commands/correctUser.ts';
import type { CommandSide } from '../../commands/handling/commandSide.ts';
import { StuckSubjectError } from '../../domain/aggregate.ts';
import type { SubjectKind } from '../../events/streams.ts';
import type {
  Changes,
  DomainEvent,
  PersonaFields,
  PersonaRecord,
  UserFields,
  UserRecord,
} from '../../events/types.ts';
import type { Reason } from '../../projections/record/listImport.ts';
import { issueReason, reason, takenReason } from '../reasons/reason.ts';

/** The changes of an edit: per member the value before and after. Null: no change, nothing stored. */
export type Changed = Record<string, { from: unknown; to: unknown }> | null;

export type CorrectionOutcome = { changed: Changed } | { reasons: Reason[] };

/** The members to change, given the subject's state at the decision; see Correction. */
export type Wanted = (state: Record<string, unknown>) => Record<string, unknown> | null;

/** Edits one subject as an ordinary command. Rejects with EventStoreError if the store is unreachable. */
export function correct(
  { handle }: Pick<CommandSide, 'handle'>,
  { kind, id, wanted }: { kind: SubjectKind; id: number; wanted: Wanted },
  request: Request,
): Promise<CorrectionOutcome> {
  const asked = wanted as (state: unknown) => object | null;
  return kind === 'user'
    ? run(
        handle,
        correctUser,
        { id, wanted: (state: UserRecord): Partial<UserFields> | null => asked(state) },
        request,
      )
    : run(
        handle,
        correctPersona,
        { id, wanted: (state: PersonaRecord): Partial<PersonaFields> | null => asked(state) },
        request,
      );
}

async function run<Payload, State>(
  handle: CommandSide['handle'],
  command: Command<Payload, State>,
  payload: Payload,
  request: Request,
): Promise<CorrectionOutcome> {
  let decided: DomainEvent[] | Rejection = [];
  // After a conflict a command decides again; the last decision is the stored one.
  const observed: Command<Payload, State> = {
    ...command,
    decide: (...given) => (decided = command.decide(...given)),
  };
  let outcome: Outcome<State>;
  try {
    outcome = await handle(observed, payload, request);
  } catch (error) {
    if (error instanceof StuckSubjectError) return { reasons: [reason('stuck')] };
    throw error;
  }
  if (outcome.outcome === 'rejected') return { reasons: reasonsOf(outcome.rejection) };
  const [event] = decided;
  return {
    changed: event && 'changes' in event.data ? (event.data.changes as Changes<object> as Changed) : null,
  };
}

/** Why a command changed nothing. */
export function reasonsOf(rejection: Rejection): Reason[] {
  switch (rejection.code) {
    case 'invalid':
      return rejection.faults.map((issue) => issueReason(issue));
    case 'taken':
      return [takenReason(rejection.member)];
    case 'not-found':
      return [reason('removed-meanwhile')];
    case 'forbidden':
      return [reason('forbidden')];
    default:
      return [reason('busy-subject')];
  }
}
