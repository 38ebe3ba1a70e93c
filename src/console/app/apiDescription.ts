import { useEffect } from 'preact/hooks';
import { createStore, useStore } from './store.ts';

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description?: string;
  schema?: Schema;
  example?: unknown;
}

export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
  $ref?: string;
}

export interface Media {
  schema?: Schema;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}

export interface ApiResponse {
  description: string;
  content?: Record<string, Media>;
}

export interface DescribedOperation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  parameters: (Parameter | { $ref: string })[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, ApiResponse>;
}

/** The parts of /openapi.json that the console reads. */
export interface ApiDescription {
  info: { title: string; version: string; description?: string };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, DescribedOperation>>;
  components: { schemas: Record<string, Schema>; parameters: Record<string, Parameter> };
}

const PATH = '/openapi.json';
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 5_000;

const description = createStore<ApiDescription | null>(null);

let isLoading = false;

/** Null until the description has arrived; the first component that uses it loads it. */
export function useApiDescription(): ApiDescription | null {
  useEffect(() => {
    if (isLoading) return;
    isLoading = true;
    void loadApiDescription();
  }, []);
  return useStore(description);
}

/** Reads the description of the API, retrying until it succeeds. It is the same for everyone and needs no token. */
async function loadApiDescription(): Promise<void> {
  for (let waitMs = FIRST_RETRY_MS; description.get() === null; waitMs = Math.min(2 * waitMs, MAX_RETRY_MS)) {
    try {
      const response = await fetch(PATH);
      if (response.ok) description.set((await response.json()) as ApiDescription);
    } catch {
      // No connection.
    }
    if (description.get() === null) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
