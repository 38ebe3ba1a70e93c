import { BSON, MongoClient } from 'mongodb';
import { searchText } from '../../src/projections/views/search.ts';

/** Texts in lower case, as they are and as they are stored to be searched. */
export const spellingsOf = (texts: readonly string[]): string[] => [
  ...new Set(texts.flatMap((text) => [text.toLowerCase(), searchText(text).toLowerCase().trim()])),
];

/** Where a MongoDB database holds one of the texts in any spelling: collection, text, and the document or index. */
export async function contentsWith(url: string, texts: readonly string[]): Promise<string[]> {
  const spellings = spellingsOf(texts);
  const client = new MongoClient(url);
  try {
    const found: string[] = [];
    for (const { name } of await client.db().listCollections().toArray()) {
      const collection = client.db().collection(name);
      const indexes = (await collection.listIndexes().toArray()) as object[];
      const all: object[] = [...(await collection.find().toArray()), ...indexes, { name }];
      for (const one of all) {
        const content = BSON.EJSON.stringify(one);
        const held = spellings.filter((spelling) => content.toLowerCase().includes(spelling));
        found.push(...held.map((text) => `${name}: ${text} in ${content.slice(0, 200)}`));
      }
    }
    return found;
  } finally {
    await client.close();
  }
}
