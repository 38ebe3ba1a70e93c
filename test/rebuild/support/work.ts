import { editUser } from '../../../src/commands/editUser.ts';
import { removeUser } from '../../../src/commands/removeUser.ts';
import { updatePersonaProfile } from '../../../src/commands/updatePersonaProfile.ts';
import type { Job } from '../../../src/projections/record/viewRecord.ts';
import type { JobRefusal } from '../../../src/projections/rebuild/jobs.ts';
import { request } from '../../history/support/people.ts';
import { eventually } from '../../support/eventually.ts';
import { aPersona, aUser, editOf } from '../../support/people.ts';
import type { Padron } from './process.ts';

/** Registers, edits and removes: `steps` numbers decide what, so that a random list of them is a random history. */
export async function work(padron: Padron, steps: readonly number[]): Promise<void> {
  const { commands } = padron;
  const people: Awaited<ReturnType<typeof aPersona>>[] = [];
  const users: Awaited<ReturnType<typeof aUser>>[] = [];
  for (const [index, step] of steps.entries()) {
    const person = people[step % Math.max(1, people.length)];
    const member = users[step % Math.max(1, users.length)];
    if (step % 5 === 0 || !person) people.push(await aPersona(padron));
    else if (step % 5 === 1 || !member) users.push(await aUser(padron));
    else if (step % 5 === 2) {
      const actor = { account: person.cuenta, role: 'asistente' };
      await commands.handle(updatePersonaProfile, { telefono: `+${index}` }, request({ actor }));
    } else if (step % 5 === 3 || step % 2 === 0) {
      await commands.handle(editUser, editOf(member, { telefono: `${index}` }), request());
    } else {
      await commands.handle(removeUser, { dni: member.dni }, request());
      users.splice(users.indexOf(member), 1);
    }
  }
}

/** A job that was begun. */
export function begun(job: Job | JobRefusal): Job {
  if (typeof job === 'string') throw new Error(`no job: ${job}`);
  return job;
}

/** The job as it ended. */
export const ended = ({ jobs }: Pick<Padron, 'jobs'>, { id }: Job): Promise<Job> =>
  eventually(`the end of ${id}`, async () => {
    const job = await jobs.get(id);
    return job?.endedAt ? job : null;
  });
