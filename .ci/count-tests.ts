/** Reads vitest's JSON report: prints the totals, and fails when a test was skipped or none ran. */
import { readFileSync } from 'node:fs';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; assertionResults: { status: string; fullName: string }[] }[];
}

const report: Report = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const skipped = report.numPendingTests + report.numTodoTests;
for (const file of report.testResults) {
  for (const result of file.assertionResults) {
    if (result.status !== 'passed' && result.status !== 'failed')
      console.log(`skipped: ${file.name} ${result.fullName}`);
  }
}
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped} skipped`);
if (skipped > 0) console.log('A skipped test proves nothing: install what it needs in .ci/run.');
process.exitCode = skipped > 0 || report.numPassedTests === 0 || report.numFailedTests > 0 ? 1 : 0;
