import { applyRecorded, NOTHING_LOADED, type Loaded } from '../../src/domain/aggregate.ts';
import { normalDni } from '../../src/validation/dni.ts';
import { persona } from '../../src/domain/persona.ts';
import type { RecordedEvent } from '../../src/events/eventStore.ts';
import type { PersonaRecord } from '../../src/events/types.ts';
import type { ReplicatedLog } from './events.ts';
import type { Sent } from './requests.ts';

/** A stretch of time in which a subject was in a state, or held a value. */
interface Span {
  stream: string;
  state: PersonaRecord;
  /** From when it may have been seen, and from when everybody sees it. */
  writtenAt: number;
  shownAt: number;
  /** When the next state of the subject was written and shown; Infinity for the present one. */
  endWrittenAt: number;
  endShownAt: number;
}

const isOfPersona = ({ stream }: RecordedEvent): boolean => stream.startsWith('persona-');
const isDomain = ({ type }: RecordedEvent): boolean => type.startsWith('Persona');

/** What commands promise, and the log and the answers do not keep. */
export function brokenCommandPromises(log: ReplicatedLog, journal: readonly Sent[]): string[] {
  const domain = log.written.events.filter(isDomain);
  const spans = spansOf(log);
  return [
    ...doubleApplications(domain),
    ...sharedValues(log.written.events),
    ...fallingInstants(log.written.events),
    ...journal.flatMap((sent) => wrongAnswers(sent, { domain, spans, journal, log })),
  ];
}

function doubleApplications(domain: readonly RecordedEvent[]): string[] {
  const seen = new Set<string>();
  return domain.flatMap(({ id, stream, revision }) => {
    if (seen.has(id))
      return [`a request is applied twice: ${stream}@${revision} has the id of another event`];
    seen.add(id);
    return [];
  });
}

function sharedValues(events: readonly RecordedEvent[]): string[] {
  const subjects = new Map<string, Loaded<PersonaRecord>>();
  const broken: string[] = [];
  for (const event of events.filter(isOfPersona)) {
    subjects.set(event.stream, applyRecorded(persona, subjects.get(event.stream) ?? NOTHING_LOADED, event));
    const held = [...subjects.values()].flatMap(({ state }) => (state ? valuesOf(state) : []));
    const shared = held.find((value, index) => held.indexOf(value) !== index);
    if (shared) broken.push(`${shared} has two holders after ${event.stream}@${event.revision}`);
  }
  return broken.slice(0, 1);
}

function fallingInstants(events: readonly RecordedEvent[]): string[] {
  const last = new Map<string, string>();
  return events.flatMap(({ stream, revision, metadata: { occurredAt } }) => {
    const falls = occurredAt < (last.get(stream) ?? '');
    last.set(stream, occurredAt);
    return falls ? [`the instant of ${stream}@${revision} is before that of the event before it`] : [];
  });
}

interface Known {
  domain: readonly RecordedEvent[];
  spans: readonly Span[];
  journal: readonly Sent[];
  log: ReplicatedLog;
}

function wrongAnswers(sent: Sent, { domain, spans, journal, log }: Known): string[] {
  const { id, ask, outcome, startedAt, endedAt, revision } = sent;
  const same = ask.key === null ? [sent] : journal.filter((other) => other.ask.key === ask.key);
  const ids = new Set(same.map((other) => other.id));
  const stored = domain.filter(({ metadata }) => ids.has(metadata.requestId));
  const own = stored.filter(({ metadata }) => metadata.requestId === id);
  const timeOf = ({ position }: RecordedEvent) => log.times[Number(position) - 1]!;
  const wrong = (what: string): string[] => [`request ${id} (${outcome ?? 'no answer'}): ${what}`];

  if (stored.length > 1) return wrong('stored more than once');
  const [event] = stored;
  if (outcome === 'done') {
    const since = Math.min(...same.map((other) => other.startedAt));
    if (!event && !spans.some((span) => isAsAsked(span, sent) && overlaps(span, since, endedAt))) {
      return wrong('acknowledged, but neither stored nor true at any moment');
    }
    if (event && timeOf(event).writtenAt > endedAt) return wrong('stored after it was acknowledged');
    if (event && (revision ?? -1) < event.revision) {
      return wrong(`acknowledged at revision ${revision}, but stored at ${event.revision}`);
    }
  }
  if (outcome === null || outcome === 'done' || outcome === 'failed') return [];
  if (own.length > 0) return wrong('refused, but stored');
  if (event && timeOf(event).shownAt < startedAt) return wrong('a repeat of what is stored is refused');
  if (outcome === 'contention') return [];
  const holders = spans.filter((span) => span.state.cuenta === ask.cuenta);
  if (outcome === 'taken') {
    const isTaken = spans.some(
      (span) =>
        (ask.kind === 'register' || span.state.cuenta !== ask.cuenta) &&
        (normalDni(span.state.dni) === normalDni(ask.dni ?? '') || holders.includes(span)) &&
        overlaps(span, startedAt, endedAt),
    );
    return isTaken ? [] : wrong('nobody else held the value at any moment');
  }
  if (outcome === 'not-found') {
    const held = spans.some(({ state, shownAt }) => state.cuenta === ask.cuenta && shownAt <= startedAt);
    return held ? wrong('the subject was there all the time') : [];
  }
  return wrong('this refusal cannot be right');
}

const isAsAsked = ({ state }: Span, { ask, id }: Sent): boolean =>
  state.cuenta === ask.cuenta &&
  state.telefono === (ask.telefono ?? `own-${id}`) &&
  (ask.dni === null || normalDni(state.dni) === normalDni(ask.dni));

const overlaps = ({ writtenAt, endShownAt }: Span, from: number, to: number): boolean =>
  writtenAt <= to && endShownAt >= from;

const valuesOf = ({ dni, cuenta }: PersonaRecord): string[] => [`dni ${normalDni(dni)}`, `cuenta ${cuenta}`];

function spansOf({ written, times }: ReplicatedLog): Span[] {
  const spans: Span[] = [];
  const present = new Map<string, { loaded: Loaded<PersonaRecord>; span: Span | null }>();
  for (const [index, event] of written.events.entries()) {
    if (!isOfPersona(event)) continue;
    const { stream } = event;
    const { writtenAt, shownAt } = times[index]!;
    const before = present.get(stream) ?? { loaded: NOTHING_LOADED, span: null };
    const loaded = applyRecorded(persona, before.loaded, event);
    if (before.span) Object.assign(before.span, { endWrittenAt: writtenAt, endShownAt: shownAt });
    const span = loaded.state && {
      ...{ stream, state: loaded.state, writtenAt, shownAt, endWrittenAt: Infinity, endShownAt: Infinity },
    };
    if (span) spans.push(span);
    present.set(stream, { loaded, span });
  }
  return spans;
}
