/**
 * The tests in the real window. Run by `cargo xtask test e2e` and `cargo xtask bench`, which build what they open;
 * E2E_SUITE chooses. One window at a time: they share a display and the machine's attention.
 */
import { defineConfig } from "vitest/config";

const SUITES: Readonly<Record<string, string>> = {
  tests: "e2e/tests/**/*.test.ts",
  bench: "e2e/bench/**/*.bench.ts",
};

const suite = process.env["E2E_SUITE"] ?? "tests";
const include = SUITES[suite];
if (include === undefined) {
  throw new Error(`E2E_SUITE is ${suite}, and there is no such suite`);
}

const MINUTE = 60_000;

export default defineConfig({
  test: {
    include: [include],
    environment: "node",
    globalSetup: ["e2e/support/display.ts"],
    fileParallelism: false,
    pool: "forks",
    // A start under load takes ten seconds, and several tests start the window more than once.
    testTimeout: 5 * MINUTE,
    hookTimeout: 2 * MINUTE,
    teardownTimeout: MINUTE,
    reporters: ["verbose"],
  },
});
