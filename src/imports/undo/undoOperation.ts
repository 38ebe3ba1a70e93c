import type { Request } from '../../commands/command.ts';
import type { CommandSide } from '../../commands/handling/commandSide.ts';
import { removeUser } from '../../commands/removeUser.ts';
import { persona } from '../../domain/persona.ts';
import { user } from '../../domain/user.ts';
import { inParallel } from '../../platform/concurrency/inParallel.ts';
import type { Reason } from '../../projections/record/listImport.ts';
import type { Members } from '../list/listLine.ts';
import { reason } from '../reasons/reason.ts';
import { correct, reasonsOf, type Changed } from '../update/correct.ts';
import type { SubjectOperation } from './operation.ts';
import { decideUndoOfEdit, decideUndoOfRegistration } from './undoDecision.ts';

const MAX_AT_ONCE = 100;

/** The reports of an undo; only `change` has values. */
export interface UndoReport {
  /** A subject with these members restored. */
  change(stream: string, changed: NonNullable<Changed>): void;
  /** A user whom the operation had registered and the undo has removed. */
  remove(stream: string): void;
  /** A skipped member and the reason; `member` null: the whole subject. */
  leave(stream: string, member: string | null, reasons: readonly Reason[]): void;
}

type Commands = Pick<CommandSide, 'handle' | 'repository'>;

/**
 * Undoes an operation by ordinary edits: restores each member that still has the operation's value,
 * and removes users whom it registered if they were not changed since. Skips and reports everything
 * else. Rejects with EventStoreError if the store is unreachable; the undo can then be repeated.
 */
export async function undoOperation(
  commands: Commands,
  subjects: readonly SubjectOperation[],
  request: Request,
  report: UndoReport,
): Promise<void> {
  let taken: SubjectOperation[] = [];
  await inParallel(subjects, MAX_AT_ONCE, async (subject) => {
    if (subject.did === 'edit') {
      if ((await undoEdit(commands, subject, request, report)) === 'taken') taken.push(subject);
    } else if (subject.did === 'erase') report.leave(subject.stream, null, [reason('erasure-stays')]);
    else if (subject.did === 'remove') report.leave(subject.stream, null, [reason('removal-stays')]);
    else await undoRegistration(commands, subject, request, report);
  });
  // A DNI that one person took from another is free once the other one's is restored.
  for (let before = Infinity; taken.length < before;) {
    before = taken.length;
    taken = await stillTaken(taken, (subject) => undoEdit(commands, subject, request, report));
  }
  for (const { stream } of taken) report.leave(stream, 'dni', [reason('value-given-away')]);
}

/** One by one and the last first, because later edits took what earlier ones had freed. */
async function stillTaken(
  subjects: readonly SubjectOperation[],
  undo: (subject: SubjectOperation) => Promise<'done' | 'taken'>,
): Promise<SubjectOperation[]> {
  const left: SubjectOperation[] = [];
  for (const subject of [...subjects].reverse()) if ((await undo(subject)) === 'taken') left.push(subject);
  return left.reverse();
}

async function undoEdit(
  commands: Commands,
  { stream, kind, id, changes }: SubjectOperation,
  request: Request,
  report: UndoReport,
): Promise<'done' | 'taken'> {
  // After a conflict it is decided again; the last decision is the stored one.
  const decided: { left: readonly string[] } = { left: [] };
  const wanted = (state: Members): Members => {
    const { former, left } = decideUndoOfEdit(changes, state);
    decided.left = left;
    return former;
  };
  const outcome = await correct(commands, { kind, id, wanted }, request);
  if ('reasons' in outcome) {
    if (outcome.reasons.some(({ code, member }) => code === 'taken' && member === 'dni')) return 'taken';
    report.leave(stream, null, outcome.reasons);
    return 'done';
  }
  for (const member of decided.left) report.leave(stream, member, [reason('changed-since')]);
  if (outcome.changed) report.change(stream, outcome.changed);
  return 'done';
}

async function undoRegistration(
  { handle, repository }: Commands,
  { stream, kind, id, revision }: SubjectOperation,
  request: Request,
  report: UndoReport,
): Promise<void> {
  const loaded =
    kind === 'user' ? await repository.fresh(user, stream) : await repository.fresh(persona, stream);
  const decided = decideUndoOfRegistration({ kind, revision }, loaded);
  if (!loaded.state || decided === 'nothing') return;
  if (decided !== 'remove') {
    report.leave(stream, null, [decided]);
    return;
  }
  // Another user may have the DNI by now.
  const ifMatch: Request['ifMatch'] = (holder, present) => holder === id && present === revision;
  const outcome = await handle(removeUser, { dni: loaded.state.dni }, { ...request, ifMatch });
  if (outcome.outcome === 'done') report.remove(stream);
  else report.leave(stream, null, reasonsOf(outcome.rejection));
}
