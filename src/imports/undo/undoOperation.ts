import type { Request } from '../../commands/command.ts';
import type { CommandSide } from '../../commands/handling/commandSide.ts';
import { removeUser } from '../../commands/removeUser.ts';
import { persona } from '../../domain/persona.ts';
import { user } from '../../domain/user.ts';
import { inParallel } from '../../platform/concurrency/inParallel.ts';
import type { Members } from '../list/listLine.ts';
import { correct, problemsOf, type Changed } from '../update/correct.ts';
import type { SubjectOperation } from './operation.ts';

const MAX_AT_ONCE = 100;

/** What an undo reports, without values but those of `change`. */
export interface UndoReport {
  /** A subject that is as it was before, in these members. */
  change(stream: string, changed: NonNullable<Changed>): void;
  /** A user whom the operation had registered, and who is off the roll now. */
  remove(stream: string): void;
  /** What stays as it is, and why; `member` null: the subject as a whole. */
  leave(stream: string, member: string | null, why: string): void;
}

type Commands = Pick<CommandSide, 'handle' | 'repository'>;

/**
 * Takes an operation back by ordinary edits: each member that still has the value which the operation gave it gets the former one. Users
 * whom it registered and nobody has changed since leave the roll. Everything else is left alone and reported. Rejects with
 * EventStoreError if the store is unreachable; what is taken back already stays so, and the undo can be repeated.
 */
export async function undoOperation(
  commands: Commands,
  subjects: readonly SubjectOperation[],
  request: Request,
  report: UndoReport,
): Promise<void> {
  const taken: SubjectOperation[] = [];
  await inParallel(subjects, MAX_AT_ONCE, async (subject) => {
    if (subject.did === 'edit') {
      if ((await undoEdit(commands, subject, request, report)) === 'taken') taken.push(subject);
    } else if (subject.did === 'erase') report.leave(subject.stream, null, 'was erased');
    else if (subject.did === 'remove')
      report.leave(
        subject.stream,
        null,
        'was removed by the operation, and a removed user does not come back',
      );
    else await undoRegistration(commands, subject, request, report);
  });
  // Two people may have exchanged their DNIs: by now the other one may have given it back.
  for (const subject of taken)
    if ((await undoEdit(commands, subject, request, report)) === 'taken')
      report.leave(subject.stream, 'dni', 'belongs to another person by now');
}

async function undoEdit(
  commands: Commands,
  { stream, kind, id, changes }: SubjectOperation,
  request: Request,
  report: UndoReport,
): Promise<'done' | 'taken'> {
  let left: string[] = [];
  const wanted = (state: Members): Members => {
    left = [];
    const former: Members = {};
    for (const [member, { from, to }] of Object.entries(changes)) {
      if (state[member] === from) continue;
      if (state[member] === to) former[member] = from;
      else left.push(member);
    }
    return former;
  };
  const outcome = await correct(commands, { kind, id, wanted }, request);
  if ('problems' in outcome) {
    if (outcome.problems[0]?.startsWith('dni is already')) return 'taken';
    report.leave(stream, null, outcome.problems.join('; '));
    return 'done';
  }
  for (const member of left) report.leave(stream, member, 'has been changed since');
  if (outcome.changed) report.change(stream, outcome.changed);
  return 'done';
}

async function undoRegistration(
  { handle, repository }: Commands,
  { stream, kind, revision }: SubjectOperation,
  request: Request,
  report: UndoReport,
): Promise<void> {
  if (kind === 'persona') {
    const { state } = await repository.fresh(persona, stream);
    if (state) report.leave(stream, null, 'was registered by the operation, and persons cannot be removed');
    return;
  }
  const loaded = await repository.fresh(user, stream);
  if (!loaded.state) return;
  if (loaded.revision !== revision) {
    report.leave(stream, null, 'was registered by the operation and has been changed since');
    return;
  }
  const ifMatch: Request['ifMatch'] = (_id, present) => present === revision;
  const outcome = await handle(removeUser, { dni: loaded.state.dni }, { ...request, ifMatch });
  if (outcome.outcome === 'done') report.remove(stream);
  else report.leave(stream, null, problemsOf(outcome.rejection).join('; '));
}
