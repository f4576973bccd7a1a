/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // swc only strips the types, which is fast; `npm run check` checks them.
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/clients/node/build/'],
  globalSetup: '<rootDir>/test/support/globalSetup.ts',
  globalTeardown: '<rootDir>/test/support/globalTeardown.ts',
  setupFiles: ['<rootDir>/test/support/quietLog.ts'],
  // Jest's cleanup of globals recurses without end over what Sentry keeps there.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  maxWorkers: 2,
  testTimeout: 20_000,
}
