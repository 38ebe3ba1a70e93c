/**
 * The form in which texts are compared regardless of case, accents and letters that a keyboard may
 * lack: García, Łukasz and Straße become `garcia`, `lukasz` and `strasse`. Folding twice changes nothing.
 */
export function foldText(text: string): string {
  // Most texts are plain; the passes below would take several times as long.
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase();
  const folded = text.normalize('NFKD').replace(LATIN_MARKS, '').toLowerCase();
  if (!BEYOND_ASCII.test(folded)) return folded;
  return folded.replace(/\p{M}/gu, '').replace(UNDECOMPOSED, (letter) => PLAIN.get(letter) ?? letter);
}

/** The accents of most names, and the only ones of many: found in half of the time that \p{M} takes. */
const LATIN_MARKS = /[\u0300-\u036f]/g;

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** The small letters that Unicode does not decompose, by what is typed for them. */
const SPELLINGS: Record<string, string> = {
  ...{ ae: 'æ', oe: 'œ', ss: 'ß', th: 'þ' },
  ...{ a: 'əɑⱥ', b: 'ɓƀƃ', c: 'ƈȼ', d: 'đðɖɗƌ', e: 'ǝɛɇ', f: 'ƒ', g: 'ǥɠ', h: 'ħⱨ', i: 'ıɨɩ', j: 'ȷɉ' },
  ...{ k: 'ƙⱪ', l: 'łƚɫⱡ', m: 'ɱ', n: 'ŋɲƞ', o: 'øɔɵ', p: 'ƥᵽ', q: 'ĸɋ', r: 'ɍɽ', s: 'ʂȿ', t: 'ŧƭʈⱦ' },
  ...{ u: 'ʉʊ', v: 'ʋ', w: 'ⱳ', y: 'ƴɏ', z: 'ƶȥʒ' },
  // Final sigma: the first letters of a word may end in one that is not final in the whole word.
  σ: 'ς',
  // Apostrophes that Unicode counts as letters.
  "'": 'ʹʻʼʽʾʿ',
};

const PLAIN = new Map(
  Object.entries(SPELLINGS).flatMap(([plain, letters]) =>
    Array.from(letters, (letter) => [letter, plain] as const),
  ),
);

const UNDECOMPOSED = new RegExp(`[${[...PLAIN.keys()].join('')}]`, 'g');
