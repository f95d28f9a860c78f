// Compares the public API of dist/ with the reports in etc/, and refuses what a user meets and cannot import. With --fix it
// rewrites the reports.
import { readFileSync } from 'node:fs';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { entries } from './entries.mjs';
import { at } from './project.mjs';

const fix = process.argv.includes('--fix');
/** What the main entry exports: a name that the other entries' types may use, for their user can import it from there. */
let ofMainEntry = new Set();
let failed = false;

for (const { specifier, name } of entries) {
  const configObject = ExtractorConfig.loadFile(at('api-extractor.json'));
  configObject.mainEntryPointFilePath = at('dist', `${name}.d.ts`);
  configObject.apiReport = {
    enabled: true,
    ...configObject.apiReport,
    reportFileName: `${name}.api.md`,
  };
  const config = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: at('api-extractor.json'),
    packageJsonFullPath: at('package.json'),
  });
  const { succeeded, apiReportChanged } = Extractor.invoke(config, {
    localBuild: fix,
    messageCallback: (message) => {
      if (message.messageId !== 'ae-forgotten-export') return;
      const [, forgotten] = /^The symbol "(.+?)"/.exec(message.text) ?? [];
      if (ofMainEntry.has(forgotten)) message.logLevel = ExtractorLogLevel.None;
    },
  });
  if (apiReportChanged && !fix) {
    console.error(
      `The public API of ${specifier} is not what etc/${name}.api.md says. Meant so? npm run api`,
    );
  }
  if (name === 'index') ofMainEntry = exportsOf(config.reportTempFilePath);
  failed ||= !succeeded;
}
process.exitCode = failed ? 1 : 0;

/** @param {string} report @returns {Set<string>} */
function exportsOf(report) {
  const names = readFileSync(report, 'utf8').matchAll(
    /^export (?:abstract |declare )*(?:class|interface|type|function|const|enum|namespace) (\w+)/gm,
  );
  return new Set(Array.from(names, ([, name]) => name));
}
