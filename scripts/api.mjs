// Compares the public API of dist/ with the reports in etc/. With --fix it rewrites the reports.
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { entries } from './entries.mjs';
import { at } from './project.mjs';

const fix = process.argv.includes('--fix');
let failed = false;

for (const { specifier, name } of entries) {
  const configObject = ExtractorConfig.loadFile(at('api-extractor.json'));
  configObject.mainEntryPointFilePath = at('dist', `${name}.d.ts`);
  configObject.apiReport = { enabled: true, ...configObject.apiReport, reportFileName: `${name}.api.md` };
  const config = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: at('api-extractor.json'),
    packageJsonFullPath: at('package.json'),
  });
  const { succeeded, apiReportChanged } = Extractor.invoke(config, { localBuild: fix });
  if (apiReportChanged && !fix) {
    console.error(
      `The public API of ${specifier} is not what etc/${name}.api.md says. Meant so? npm run api`,
    );
  }
  failed ||= !succeeded;
}
process.exitCode = failed ? 1 : 0;
