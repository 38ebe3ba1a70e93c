import { useGet } from '../../app/useGet.ts';

interface Described {
  paths: Record<string, { get?: { parameters: { name?: string; schema?: { enum?: string[] } }[] } }>;
}

/** The event types and fields that the server can filter by, from its description. */
export function useChoices(): { types: readonly string[]; fields: readonly string[] } {
  const { answer } = useGet<Described>('/openapi.json');
  const parameters = answer?.body.paths['/audit']?.get?.parameters ?? [];
  const choices = (name: string): string[] => parameters.find((one) => one.name === name)?.schema?.enum ?? [];
  return { types: choices('type'), fields: choices('field') };
}
