/**
 * Compiles one TypeScript module of the console, for a server that runs from its sources: types are stripped, not checked. A built server
 * never calls it: the compiler is a development dependency.
 */
export async function compileSource(source: string): Promise<string> {
  const { transform } = await import('esbuild');
  const { code } = await transform(source, { loader: 'ts', target: 'es2022' });
  return code.replace(/((?:from|import)\s*\(?\s*["']\.{1,2}\/[^"']*)\.ts(["'])/g, '$1.js$2');
}
