import ts from 'typescript';
import { at } from './project.mjs';

/** The public entry points, from tsconfig.json's "paths": `{ specifier, name, source }`. `name` is the file in dist/. */
export const entries = readEntries();

function readEntries() {
  const { config, error } = ts.readConfigFile(at('tsconfig.json'), ts.sys.readFile);
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
  return Object.entries(config.compilerOptions.paths).map(([specifier, [source]]) => ({
    specifier,
    name: specifier.split('/').slice(1).join('-') || 'index',
    source,
  }));
}
