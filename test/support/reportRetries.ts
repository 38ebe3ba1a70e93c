import type { Context } from 'mocha';

/** Says which tests did not pass at their first attempt, which mocha's reporters do not. */
export const mochaHooks = {
  afterEach(this: Context): void {
    const test = this.currentTest;
    const attempts = retriesOf(test);
    if (test?.state === 'passed' && attempts > 0)
      console.log(`passed only at attempt ${attempts + 1}: ${test.fullTitle()}`);
  },
};

/** mocha has this method, its types do not. */
const retriesOf = (test: unknown): number =>
  (test as { currentRetry?: () => number } | undefined)?.currentRetry?.() ?? 0;
