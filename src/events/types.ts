import type { MaybeLater } from '../platform/concurrency/maybeLater.ts';
import type { Deadline } from '../platform/deadline.ts';

/** The events. The names of types and members are the stored format. */

export type Socio = 'Socio' | 'NoSocio';

/** The members of a person that an update may change. */
export interface PersonaFields {
  nombres: string;
  apellidos: string;
  telefono: string | null;
  dni: string;
  foto_url: string | null;
}

/**
 * A person as registered; `cuenta` is the token subject that may change it, null for an imported
 * person without one.
 */
export interface PersonaRecord extends PersonaFields {
  id: number;
  cuenta: string | null;
  /** RFC 3339 instant in UTC with milliseconds. */
  created_at: string;
}

/** The members of a user that an edit may change; `dni` only finds the user. */
export interface UserFields {
  nombre: string;
  apellidos: string;
  direccion: string;
  CP: string;
  provincia: string;
  poblacion: string;
  pais: string;
  email: string;
  telefono: string;
  /** YYYY-MM-DD */
  fechaalta: string;
  /** YYYY-MM-DD */
  fechabaja: string | null;
  formadepago: string;
  cuota: number;
  categoria: string;
  socio: Socio;
}

/** A user as registered. `password` is a bcrypt hash, never a clear text. */
export interface UserRecord extends UserFields {
  IdUsuario: number;
  password: string;
  dni: string;
  isVerified: boolean;
  verificationCode: string | null;
  verificationExpires: string | null;
}

/** The values before and after, per changed member, so that a history row needs no lookup. */
export type Changes<F> = { [K in keyof F]?: { from: F[K]; to: F[K] } };

export interface PersonaRegistered {
  type: 'PersonaRegistered';
  data: PersonaRecord;
}
export interface PersonaProfileUpdated {
  type: 'PersonaProfileUpdated';
  data: { changes: Changes<PersonaFields> };
}
export interface UserRegistered {
  type: 'UserRegistered';
  data: UserRecord;
}
export interface UserEdited {
  type: 'UserEdited';
  data: { changes: Changes<UserFields> };
}
export interface UserRemoved {
  type: 'UserRemoved';
  data: Record<string, never>;
}

type PersonaEvent = PersonaRegistered | PersonaProfileUpdated;
type UserEvent = UserRegistered | UserEdited | UserRemoved;

/**
 * The end of a subject: its key is erased for good, and with it everything stored before
 * (docs/adr/0027). The event itself is not sealed. `key` is the id of the erased key.
 */
export interface SubjectErased {
  type: 'SubjectErased';
  data: { erasure: string; key: string; reason: string };
}

/** Returned in place of an event whose key was erased; never stored. `was` is the event's type. */
export interface Erased {
  type: 'Erased';
  data: { was: string };
}

/** The events of each kind of subject. */
export interface EventsOf {
  persona: PersonaEvent;
  user: UserEvent;
}

/** Events that commands decide on and aggregates are folded from. */
export type DomainEvent = EventsOf[keyof EventsOf];

/** The events of a subject's history as stored. */
export type HistoryEvent = DomainEvent | SubjectErased;

/** The events of a subject's history as read. */
export type ReadEvent = HistoryEvent | Erased;

export interface IdAllocated {
  type: 'IdAllocated';
  data: { id: number };
}
export interface ValueClaimed {
  type: 'ValueClaimed';
  /** `revision`: the revision of `owner` at which the claimed value will be used. */
  data: { owner: string; revision: number };
}
export interface ReservationLapsed {
  type: 'ReservationLapsed';
  data: { reservation: string };
}
export interface CommandBegun {
  type: 'CommandBegun';
  /** `revision`: the revision of `target` (-1: none) after which the command's events go. */
  data: { route: string; bodyHash: string; target: string; revision: number };
}
export interface CommandSettled {
  type: 'CommandSettled';
  data: Record<string, never>;
}
export interface SettingsFixed {
  type: 'SettingsFixed';
  /**
   * `key`: the base64 HMAC key, null if RESERVATION_KEY holds it; `fingerprint`: the HMAC of a fixed
   * text. `sealedBy`: the id of the key made with a sealed log, null for a log in clear.
   */
  data: { key: string | null; fingerprint: string; sealedBy: string | null };
}
export interface EventSkipped {
  type: 'EventSkipped';
  /**
   * `view` skips the event at `revision` of the stream `subject`. `reason` is the operator's, sealed
   * with the subject's key: null if that key is erased or missing.
   */
  data: { view: string; subject: string; revision: number; reason: string | null };
}

export interface RollFixed {
  type: 'RollFixed';
  /** The roll covers events before this one that occurred by `at` (RFC 3339). */
  data: { kind: 'users' | 'personas'; at: string };
}
export interface RollNamed {
  type: 'RollNamed';
  /** `fixed`: the revision of the roll's `RollFixed`; `digest`: see digestOf. */
  data: { fixed: number; name: string; count: number; digest: string };
}

/** A subject's entry on a roll: the revision of the roll's `RollFixed`, and the entry's hash (see createDigest). */
export interface EntryOnRoll {
  fixed: number;
  hash: string;
}

export interface ErasureBegun {
  type: 'ErasureBegun';
  /**
   * Announces a `SubjectErased` at `revision` of the subject's stream; without that event, the subject
   * was not erased. `key` is the id of the key to erase, `by` the deciding actor; `reason` holds no
   * personal data; `rolls` keeps the subject's entries on named rolls provable.
   */
  data: {
    erasure: string;
    subject: string;
    revision: number;
    key: string;
    reason: string;
    by: Actor;
    rolls: EntryOnRoll[];
  };
}
export interface ErasureProved {
  type: 'ErasureProved';
  /** Names an `ErasureBegun` that was carried out: neither a key nor a view has data of the subject. */
  data: { erasure: string; subject: string; revision: number };
}

/** Bookkeeping events, which are not part of any history. */
export type BookkeepingEvent =
  | IdAllocated
  | ValueClaimed
  | ReservationLapsed
  | CommandBegun
  | CommandSettled
  | SettingsFixed
  | EventSkipped
  | RollFixed
  | RollNamed
  | ErasureBegun
  | ErasureProved;

/** The token's subject and the role that admitted the request. */
export interface Actor {
  account: string;
  role: string;
}

/** The actor of imports, demo people and bookkeeping. */
export const SYSTEM_ACTOR: Actor = { account: 'padron', role: 'system' };

/** Everything about an event except its type and data. */
export interface EventMetadata {
  actor: Actor;
  requestId: string;
  commandId: string;
  schemaVersion: number;
  /** Instant of the append, RFC 3339 in UTC; never before that of the stream's previous event. */
  occurredAt: string;
  reason?: string;
  /** The revision that a revert restored. */
  revertTo?: number;
  $correlationId: string;
  /** The command id. */
  $causationId: string;
}

/** The metadata that a fold may use; reads that only fold omit the rest. */
export type FoldedMetadata = Pick<EventMetadata, 'schemaVersion' | 'occurredAt'>;

type WithDeadline = { deadline?: Deadline | undefined };

/** The keys of the people in a log. Methods reject with EventStoreError when the key store does not answer. */
export interface Sealing {
  /**
   * Durable keys for subjects before their first events. `erased`: that subject never gets another. In a log in clear, nothing is done.
   */
  createKeys(subjects: readonly string[], options?: WithDeadline): MaybeLater<('key' | 'erased')[]>;
  /** Decides whether a new log is sealed: the id of the key made with it, null for a log in clear. */
  choose(): Promise<string | null>;
  /** Rejects with SettingsMismatchError unless the log was begun as configured, with these keys. */
  confirm(sealedBy: string | null): Promise<void>;
  isSealed(): Promise<boolean>;
}
