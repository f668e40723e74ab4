/** @type {import('jest').Config} */
export default {
  testEnvironment: "node",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  // TypeScript rewrites "./x.ts" to "./x.js" when it transpiles: back to the source.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  extensionsToTreatAsEsm: [".ts"],
  transform: { "^.+\\.ts$": ["ts-jest", { useESM: true, tsconfig: "tsconfig.json" }] },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.stryker-tmp/"],
  // Tests wait for events, so this only ends what hangs; a busy machine must not end what is slow.
  testTimeout: 60_000,
  // Many tests wait for other processes: leaving one core free, as is usual, would leave half of a small machine idle.
  maxWorkers: "100%",
  // Files of types alone have no line that could run.
  collectCoverageFrom: [
    "protocol/**/*.ts",
    "server/**/*.ts",
    "client/**/*.ts",
    "!protocol/events.ts",
    "!server/engine/port.ts",
    "!server/domain/{clock,log,watching}.ts",
    "!client/sdk/types.ts",
  ],
  coverageProvider: "v8",
  coverageThreshold: { "./protocol/": { lines: 95 }, "./server/domain/": { lines: 95 } },
};
