const swc = (syntax) => [
  '@swc/jest',
  { jsc: { parser: { syntax }, target: 'es2023' }, module: { type: 'commonjs' }, sourceMaps: 'inline' },
]

/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // swc only strips the types, which is fast; `npm run check` checks them.
  transform: {
    '^.+\\.ts$': swc('typescript'),
    // Published as ES modules only, which Jest doesn't load.
    '/node_modules/temporal-.+\\.js$': swc('ecmascript'),
  },
  transformIgnorePatterns: ['/node_modules/(?!temporal-)'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/clients/node/build/'],
  globalSetup: '<rootDir>/test/support/globalSetup.ts',
  globalTeardown: '<rootDir>/test/support/globalTeardown.ts',
  setupFiles: ['<rootDir>/test/support/quietLog.ts'],
  // Jest's cleanup of globals recurses without end over what Sentry keeps there.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  maxWorkers: 2,
  testTimeout: 20_000,
}
