import { send } from './api.ts';

/** Saves an answer as a file; the token goes in a header, so a plain link would not do. Rejects with ApiError. */
export async function download(
  path: string,
  { accept, name }: { accept: string; name: string },
): Promise<void> {
  const response = await send(path, { headers: { accept } });
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
