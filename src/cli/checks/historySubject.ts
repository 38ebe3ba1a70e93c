import { systemClock } from '../../platform/clock.ts';
import type { Aggregate } from '../../domain/aggregate.ts';
import { createCommandSide } from '../../commands/handling/commandSide.ts';
import { normalDni } from '../../validation/dni.ts';
import { persona, personaDni } from '../../domain/persona.ts';
import { user, userDni } from '../../domain/user.ts';
import type { EventStore } from '../../events/eventStore.ts';
import { fixedKey } from '../../events/bookkeeping/settings.ts';
import { subjectOf, subjectStream } from '../../events/streams.ts';
import { CliError, EXIT } from '../output/exit.ts';
import { holderOrLast } from '../../history/holders.ts';

/**
 * The streams of the subjects that `text` may name: the subject's own name, a DNI that is or was
 * last held, an id. Rejects with SettingsMismatchError if `reservationKey` is not this log's.
 */
async function findSubjects(
  store: EventStore,
  reservationKey: string | null,
  text: string,
): Promise<string[]> {
  const key = await fixedKey(store, reservationKey);
  // Before the settings are fixed, nothing can have been registered.
  if (!key) return [];
  const commands = createCommandSide({ store, key, clock: systemClock });

  async function began<State>(aggregate: Aggregate<State>, id: number): Promise<string[]> {
    const stream = subjectStream(aggregate.kind, id);
    return (await commands.repository.fresh(aggregate, stream)).began ? [stream] : [];
  }

  const named = subjectOf(text);
  if (named) return named.kind === 'persona' ? began(persona, named.id) : began(user, named.id);
  const found: (string | null)[] = [];
  if (normalDni(text) !== '') {
    found.push(await holderOrLast(commands, store, persona, personaDni(text)));
    found.push(await holderOrLast(commands, store, user, userDni(text)));
  }
  if (/^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(Number(text))) {
    found.push(...(await began(persona, Number(text))), ...(await began(user, Number(text))));
  }
  return [...new Set(found.filter((stream) => stream !== null))];
}

/** The one subject that `text` names. Throws CliError if there is none, or if there are several; rejects as findSubjects. */
export async function theSubject(
  store: EventStore,
  reservationKey: string | null,
  text: string,
): Promise<string> {
  const [found, ...others] = await findSubjects(store, reservationKey, text);
  if (found === undefined) throw new CliError('no such person or user');
  if (others.length === 0) return found;
  throw new CliError(`ambiguous: use ${[found, ...others].join(' or ')}`, EXIT.usage);
}
