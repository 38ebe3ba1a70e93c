/** The parts of an operation that screens need. */
export interface Operation {
  roles: readonly string[];
  parameters: readonly string[];
}

/** What the page says about the service, in its meta elements (src/http/pages writes them). */
interface PageFacts {
  /** The time zone in which the service reads dates. */
  timeZone: string;
  /** Its operations by method and path as in /openapi.json. */
  operations: ReadonlyMap<string, Operation>;
}

const contentOf = (name: string): string | undefined =>
  document.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content;

export const pageFacts: PageFacts = {
  timeZone: contentOf('time-zone') ?? 'UTC',
  operations: new Map(
    Object.entries(JSON.parse(contentOf('operations') ?? '{}') as Record<string, Operation>),
  ),
};
