import { defineConfig } from "vitest/config";

/** The tests of the pure cores alone: a mutant that none of these notices has survived. */
export default defineConfig({
  test: {
    include: [
      "test/unit/{orchestrator-*,flow-*,known-flows,session-{fold,archive}}.test.ts",
      "test/property/orchestrator-*.test.ts",
    ],
    testTimeout: 60_000,
    // A tenth of the tries: there is a run for every mutant.
    env: { AIMIE_PROPERTY_SHARE: "0.1" },
  },
});
