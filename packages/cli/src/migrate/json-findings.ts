import type { Finding } from './finding.js';
import { JsonFile, oldNamesIn } from './json-file.js';
import type { TextFile } from './text-file.js';

/** Old names in a JSON file that is no package.json: `paths` of tsconfig.json, the configuration of a tool. */
export function* otherJsonFindings(file: TextFile): Iterable<Finding> {
  if (!/sofa-(?:rpc|bolt)-node/.test(file.text)) return;
  const json = new JsonFile(file);
  const paths = json.propertiesOf('compilerOptions').find(({ key }) => key === 'paths');
  for (const { at, text } of oldNamesIn(json)) {
    const isPath = paths !== undefined && paths.from <= at && at <= paths.to;
    const message = isPath
      ? `"paths" names ${text}: remove it where it was there for types, which sofa-mesh-sdk/compat has, or lead it there`
      : `names ${text}: see whether it is still needed, for the old package or for sofa-mesh-sdk`;
    yield { ...json.place(at), topic: isPath ? 'alias' : 'name', message };
  }
}
