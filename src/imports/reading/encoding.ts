import iconv from 'iconv-lite';
import { isAscii } from 'node:buffer';
import { ListError } from '../list/listError.ts';

/** The values of `--encoding`. DOS programs write cp850, old versions of Excel on a Mac macintosh. */
export const ENCODINGS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'iso-8859-15',
  'cp850',
  'macintosh',
] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The text of a list and its encoding, which is null while only ASCII has been read. */
export interface DecodedText {
  chunks: AsyncGenerator<string>;
  encoding(): Encoding | null;
}

/**
 * Decodes a list in pieces. `encoding` decides; without it a byte order mark does, else the first piece that is not ASCII: UTF-8 if
 * most of its characters beyond ASCII are valid there, else Windows-1252. Invalid bytes become U+FFFD. Throws ListError for
 * UTF-16 without a byte order mark.
 */
export function decoded(bytes: AsyncIterable<Buffer>, encoding: Encoding | null = null): DecodedText {
  let chosen = encoding;

  async function* chunks(): AsyncGenerator<string> {
    let decoder = chosen === null ? null : iconv.getDecoder(chosen);
    let isFirst = true;
    for await (const chunk of wholeCharacters(bytes)) {
      if (!decoder) {
        chosen = (isFirst ? byMark(chunk) : null) ?? (isAscii(chunk) ? null : byContent(chunk));
        if (chosen) decoder = iconv.getDecoder(chosen);
        if (isFirst) refuseUnmarkedUtf16(chunk, chosen);
      }
      isFirst = false;
      yield decoder ? decoder.write(chunk) : chunk.toString('latin1');
    }
    yield decoder?.end() ?? '';
  }
  return { chunks: chunks(), encoding: () => chosen };
}

/** The same bytes, cut where no character of UTF-8 is cut in two: each piece can be judged on its own. At most 3 bytes wait. */
async function* wholeCharacters(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer | null = null;
  for await (const chunk of bytes) {
    const all: Buffer = rest ? Buffer.concat([rest, chunk]) : chunk;
    const end = all.length - cutOff(all);
    rest = end < all.length ? all.subarray(end) : null;
    if (end > 0) yield all.subarray(0, end);
  }
  if (rest) yield rest;
}

/** How many bytes at the end begin a character of UTF-8 that the next piece has to finish; 0 to 3. */
function cutOff(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return lengthFrom(byte) > back ? back : 0;
  }
  return 0;
}

/** The bytes of the character of UTF-8 that begins with this one; 1 for a byte that begins none. */
function lengthFrom(byte: number): number {
  if (byte >= 0xc2 && byte <= 0xdf) return 2;
  if (byte >= 0xe0 && byte <= 0xef) return 3;
  return byte >= 0xf0 && byte <= 0xf4 ? 4 : 1;
}

function byMark(bytes: Buffer): Encoding | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 'utf-8' : null;
}

/** One invalid byte does not make a UTF-8 file another encoding; its line is refused instead. */
function byContent(bytes: Buffer): Encoding {
  let valid = 0;
  let broken = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte < 0x80) continue;
    const length = lengthFrom(byte);
    let isWhole = length > 1;
    for (let next = 1; next < length; next += 1) isWhole &&= ((bytes[at + next] ?? 0) & 0xc0) === 0x80;
    if (isWhole) {
      valid += 1;
      at += length - 1;
    } else broken += 1;
  }
  return valid > broken ? 'utf-8' : 'windows-1252';
}

function refuseUnmarkedUtf16(bytes: Buffer, chosen: Encoding | null): void {
  if (chosen?.startsWith('utf-16')) return;
  const head = bytes.subarray(0, 200);
  const zeros = head.filter((byte) => byte === 0).length;
  if (zeros * 3 < head.length || zeros === 0) return;
  throw new ListError('utf-16-unmarked');
}
