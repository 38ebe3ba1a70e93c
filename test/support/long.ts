/** Whether tests that take long are run, and rules are tried with large amounts: TEST_LONG=1, or TEST_EVERYTHING=1 as in `.ci/run`. */
export const isLong = Boolean(process.env['TEST_LONG'] ?? process.env['TEST_EVERYTHING']);

/** `describe` in a long run; elsewhere one pending test says what is left out. */
export const describeLong = (title: string, tests: (this: Mocha.Suite) => void): void => {
  if (isLong) describe(title, tests);
  else {
    describe(title, () => {
      it('is tried with TEST_LONG=1');
    });
  }
};

/** `it` in a long run; elsewhere the test is pending. */
export const itLong = (title: string, test: Mocha.AsyncFunc): Mocha.Test =>
  isLong ? it(title, test) : it(`${title} (with TEST_LONG=1)`);

/** How much a rule is tried with: what the variable says, else the `long` amount in a long run, else the `short` one. */
export const amountOf = (variable: string, { short, long }: { short: number; long: number }): number =>
  Number(process.env[variable] ?? (isLong ? long : short));
