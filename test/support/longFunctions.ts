import ts from 'typescript';

/**
 * The functions of a file with more than `most` lines of their own: the lines of functions inside them, blank lines and comments do not
 * count.
 */
export function longFunctionsIn(file: string, text: string, most: number): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const code = linesOfCode(text);
  const long: string[] = [];

  /** The lines of the functions in a node. */
  function linesIn(node: ts.Node): Set<number> {
    const inner = new Set<number>();
    ts.forEachChild(node, (child) => {
      for (const line of linesIn(child)) inner.add(line);
    });
    if (!('body' in node) || !node.body || !ts.isFunctionLike(node)) return inner;
    const first = lineOf(node.getStart());
    const all = Array.from({ length: lineOf(node.end) - first + 1 }, (_, index) => first + index);
    const own = all.filter((line) => code.has(line) && !inner.has(line)).length;
    if (own > most) long.push(`${file}:${first + 1} has ${own}`);
    return new Set(all);
  }
  linesIn(source);
  return long;
}

function linesOfCode(text: string): Set<number> {
  const lines = new Set<number>();
  let isComment = false;
  for (const [number, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed.startsWith('/*')) isComment = true;
    if (!isComment && trimmed !== '' && !trimmed.startsWith('//')) lines.add(number);
    if (trimmed.endsWith('*/')) isComment = false;
  }
  return lines;
}
