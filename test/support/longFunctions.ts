import ts from 'typescript';

/**
 * The functions of a file with more than `most` lines of their own: the lines of functions inside them, blank lines and comments do not
 * count.
 */
export function longFunctionsIn(file: string, text: string, most: number): string[] {
  if (text.split('\n').length <= most) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const code = linesOfCode(text);
  const long: string[] = [];

  /** Looks at the functions in a node; returns the first and last lines of the outermost ones. */
  function rangesIn(node: ts.Node): [number, number][] {
    const inner: [number, number][] = [];
    ts.forEachChild(node, (child) => {
      inner.push(...rangesIn(child));
    });
    if (!('body' in node) || !node.body || !ts.isFunctionLike(node)) return inner;
    const range: [number, number] = [lineOf(node.getStart(source)), lineOf(node.end)];
    const isInside = (line: number): boolean => inner.some(([first, last]) => first <= line && line <= last);
    if (range[1] - range[0] < most) return [range];
    const own = code.filter((line) => range[0] <= line && line <= range[1] && !isInside(line)).length;
    if (own > most) long.push(`${file}:${range[0] + 1} has ${own}`);
    return [range];
  }
  rangesIn(source);
  return long;
}

function linesOfCode(text: string): number[] {
  const lines: number[] = [];
  let isComment = false;
  for (const [number, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed.startsWith('/*')) isComment = true;
    if (!isComment && trimmed !== '' && !trimmed.startsWith('//')) lines.push(number);
    if (trimmed.endsWith('*/')) isComment = false;
  }
  return lines;
}
