import { send } from './api.ts';

/** Saves an answer as a file. A plain link could not send the token's header. Rejects with ApiError. */
export async function download(
  path: string,
  { accept, name }: { accept: string; name: string },
): Promise<void> {
  const response = await send(path, { headers: { accept } });
  save(await response.blob(), name);
}

/** Saves a value as a JSON file. */
export function saveJson(value: unknown, name: string): void {
  save(new Blob([`${JSON.stringify(value, null, 2)}\n`], { type: 'application/json' }), name);
}

function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
