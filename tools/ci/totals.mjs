// @ts-check
/**
 * @typedef {{ status: string, assertionResults: { status: string }[] }} FileResult
 * @typedef {{ testResults: FileResult[] }} TestReport vitest's JSON reporter writes it
 */

/**
 * How many tests passed and failed. A file that failed outside its tests counts as one failure, and so does a run
 * without a single test.
 *
 * @param {TestReport} report
 */
export function totalsOf({ testResults }) {
  const count = (/** @type {string} */ wanted) =>
    testResults.reduce(
      (sum, { assertionResults }) => sum + assertionResults.filter(({ status }) => status === wanted).length,
      0,
    );
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((each) => each.status === 'failed'),
  );
  const passed = count('passed');
  const failed = count('failed') + brokenFiles.length;
  return { passed, failed: passed + failed === 0 ? 1 : failed };
}
