/**
 * Compiles one TypeScript module of the console by stripping its types, unchecked. Only for a server
 * that runs from sources: the compiler is a development dependency.
 */
export async function compileSource(source: string): Promise<string> {
  const { transform } = await import('esbuild');
  const { code } = await transform(source, { loader: 'ts', target: 'es2022' });
  return code.replace(/((?:from|import)\s*\(?\s*["']\.{1,2}\/[^"']*)\.ts(["'])/g, '$1.js$2');
}
