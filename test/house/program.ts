import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../scripts/project.mjs';

/** The project's own compiler options. */
export function projectOptions(): ts.CompilerOptions {
  const path = join(root, 'tsconfig.json');
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, root).options;
}

/** A program over files on disk and over `virtual` ones, whose paths are absolute. */
export function programOf(
  files: readonly string[],
  virtual: ReadonlyMap<string, string>,
  options: ts.CompilerOptions,
) {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.readFile = (path) => virtual.get(path) ?? readFile(path);
  host.getSourceFile = (path, version) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, version, true);
  };
  return ts.createProgram([...files, ...virtual.keys()], options, host);
}
