import type { FunctionComponent } from 'preact';
import { Roll } from '../screens/roll/roll.ts';
import type { Texts } from '../texts/en/texts.ts';
import type { Features } from '../app/features.ts';
import { loadedLater } from './loadedLater.ts';

export type ScreenName = keyof Texts['nav'];

/** A screen in the navigation. */
export interface Screen {
  name: ScreenName;
  path: string;
  isOpen(features: Features): boolean;
}

/** In the order of the navigation, which leaves out screens of which the role may read nothing. */
export const SCREENS: readonly Screen[] = [
  { name: 'roll', path: '/console/users', isOpen: ({ may }) => may('GET', '/users') },
  {
    name: 'roll',
    path: '/console/personas',
    isOpen: ({ may }) => may('GET', '/api/personas') && !may('GET', '/users'),
  },
  // A role that sees everyone does not need a screen for one person.
  {
    name: 'mine',
    path: '/console/me',
    isOpen: ({ may }) => may('GET', '/api/personas/me') && !may('GET', '/api/personas'),
  },
  { name: 'audit', path: '/console/audit', isOpen: ({ may }) => may('GET', '/audit') },
  { name: 'views', path: '/console/views', isOpen: ({ may }) => may('GET', '/admin/projections') },
  { name: 'jobs', path: '/console/jobs', isOpen: ({ may }) => may('GET', '/admin/jobs') },
  { name: 'imports', path: '/console/imports', isOpen: ({ may }) => may('GET', '/imports') },
  { name: 'privacy', path: '/console/privacy', isOpen: ({ may }) => may('GET', '/admin/erasures') },
  { name: 'docs', path: '/docs', isOpen: () => true },
];

const Audit = loadedLater(async () => (await import('../screens/audit/audit.ts')).Audit);
const Person = loadedLater(async () => (await import('../screens/person/person.ts')).Person);
const Views = loadedLater(async () => (await import('../screens/views/views.ts')).Views);
const Jobs = loadedLater(async () => (await import('../screens/jobs/jobs.ts')).Jobs);
const Imports = loadedLater(async () => (await import('../screens/imports/imports.ts')).Imports);

const Privacy = loadedLater(async () => (await import('../screens/privacy/privacy.ts')).Privacy);

const COMPONENTS: readonly (readonly [pattern: RegExp, name: ScreenName, component: FunctionComponent])[] = [
  [/^\/console\/(users|personas)$/, 'roll', Roll],
  [/^\/console\/(users|personas)\/[^/]+$/, 'roll', Person],
  [/^\/console\/me$/, 'mine', Person],
  [/^\/console\/audit$/, 'audit', Audit],
  [/^\/console\/views$/, 'views', Views],
  [/^\/console\/jobs$/, 'jobs', Jobs],
  [/^\/console\/imports$/, 'imports', Imports],
  [/^\/console\/privacy$/, 'privacy', Privacy],
];

/** The screen at a path; null if there is none. */
export function screenAt(path: string): { name: ScreenName; component: FunctionComponent } | null {
  const found = COMPONENTS.find(([pattern]) => pattern.test(path));
  return found ? { name: found[1], component: found[2] } : null;
}
