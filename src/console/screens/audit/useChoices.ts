import { useApiDescription } from '../../app/apiDescription.ts';

/** The event types and fields that the server can filter by, from its description. */
export function useChoices(): { types: readonly string[]; fields: readonly string[] } {
  const parameters = useApiDescription()?.paths['/audit']?.['get']?.parameters ?? [];
  const choices = (wanted: string): string[] =>
    parameters.flatMap((one) =>
      '$ref' in one || one.name !== wanted ? [] : ((one.schema?.enum ?? []) as string[]),
    );
  return { types: choices('type'), fields: choices('field') };
}
