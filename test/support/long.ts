/** Whether to run tests that take long, and to use large amounts: TEST_LONG=1, or TEST_EVERYTHING=1 as in `.ci/run`. */
export const isLong = Boolean(process.env['TEST_LONG'] ?? process.env['TEST_EVERYTHING']);

/** `describe` in a long run; otherwise one pending test says what is skipped. */
export const describeLong = (title: string, tests: (this: Mocha.Suite) => void): void => {
  if (isLong) describe(title, tests);
  else {
    describe(title, () => {
      it('is tried with TEST_LONG=1');
    });
  }
};

/** `it` in a long run; otherwise the test is pending. */
export const itLong = (title: string, test: Mocha.AsyncFunc): Mocha.Test =>
  isLong ? it(title, test) : it(`${title} (with TEST_LONG=1)`);

/** The examples that a rule is tested with: all of them in a long run, otherwise the first `short`. */
export const someOf = <Example>(short: number, examples: readonly Example[]): readonly Example[] =>
  isLong ? examples : examples.slice(0, short);

/** The amount of a test: the variable's value if set, otherwise `long` in a long run, otherwise `short`. */
export const amountOf = (variable: string, { short, long }: { short: number; long: number }): number =>
  Number(process.env[variable] ?? (isLong ? long : short));
