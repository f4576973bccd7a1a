// Who may import whom. Imports go down only: commands → compose → rpc, the Node client → billing → ledger, pricing → database → domain.

/** Folders below `src`, and the files beside them. */
const layer = (...names) => `^(src/(${names.join('|')})/|src/(${names.join('|')})\\.ts$)`

const CLIENT = '^clients/node/src/'

/** A layer may import what is named, itself and what is common; nothing else of `src`. */
const allow = (from, { reaches, common = ['observability', 'timing', 'setupError', 'packageRoot', 'version'] }) => ({
  name: `${from}-reaches-down`,
  comment: `src/${from} imports ${[from, ...reaches, ...common].join(', ')} and nothing else of src.`,
  severity: 'error',
  from: { path: layer(from) },
  to: { path: '^src/', pathNot: layer(from, ...reaches, ...common) },
})

const only = (name, { to, from }) => ({
  name,
  severity: 'error',
  from: { path: `^(src|bench)/|${CLIENT}`, pathNot: from },
  to: { path: to },
})

module.exports = {
  forbidden: [
    allow('domain', { reaches: [], common: [] }),
    {
      name: 'domain-is-pure',
      comment: 'The domain imports nothing but itself and node:crypto.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: ['^src/domain/', '^(node:)?crypto$'] },
    },
    allow('database', { reaches: ['domain'] }),
    allow('ledger', { reaches: ['database', 'domain'] }),
    allow('pricing', { reaches: ['database', 'domain'] }),
    allow('billing', { reaches: ['ledger', 'pricing', 'database', 'domain'] }),
    allow('rpc', { reaches: ['billing', 'ledger', 'pricing', 'database', 'domain', 'wire', 'config'] }),
    {
      name: 'client-is-small',
      comment: 'The Node client is a package of its own: it imports itself, the contract and three packages.',
      severity: 'error',
      from: { path: CLIENT },
      to: {
        pathNot: [
          CLIENT,
          '^src/(wire/|packageRoot\\.ts$)',
          'node_modules/(@grpc/grpc-js|@grpc/proto-loader|cockatiel)/',
          '^(node:)?(crypto|events|fs|path|timers)(/|$)',
        ],
      },
    },
    {
      name: 'only-commands-import-the-client',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(commands|client)/' },
      to: { path: CLIENT },
    },
    allow('wire', { reaches: [], common: ['packageRoot'] }),
    // Types of what is counted and reported, and nothing that works on them.
    allow('observability', { reaches: ['domain'], common: ['setupError', 'version'] }),
    // Pollers and delays, for every layer that does something again and again.
    allow('timing', { reaches: [], common: ['observability'] }),
    allow('config', { reaches: ['domain'], common: ['setupError'] }),
    {
      name: 'nobody-imports-commands',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/commands/', '^src/main\\.ts$'] },
      to: { path: '^src/(commands/|main\\.ts$)' },
    },
    {
      name: 'only-commands-import-compose',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(compose|commands)/', '^src/main\\.ts$'] },
      to: { path: '^src/compose/' },
    },
    only('postgres-in-database', { to: 'node_modules/(pg|kysely)/', from: '^(src/database|bench)/' }),
    only('grpc-in-rpc-and-client', {
      to: 'node_modules/@grpc/',
      from: `^src/(rpc|wire)/|${CLIENT}|^bench/`,
    }),
    only('sentry-in-one-place', { to: 'node_modules/@sentry/', from: '^src/observability/sentry\\.ts$' }),
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-tests-in-src', severity: 'error', from: { path: `^src/|${CLIENT}` }, to: { path: '^(test|bench)/' } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'listed-in-package-json',
      severity: 'error',
      from: { path: `^src/|${CLIENT}` },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'default', 'types'] },
  },
}
