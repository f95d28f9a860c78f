// Prints `passed failed` of a vitest JSON report. A file that could not be loaded has no tests, yet is a failure;
// so is a skipped test: everything a test may need is present here.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const unloadable = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);
console.log(report.numPassedTests, report.numFailedTests + report.numPendingTests + unloadable.length);
