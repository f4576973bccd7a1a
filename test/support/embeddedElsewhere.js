// A process of its own that runs the embedded Postgres of a data folder until it is killed: `node … <dataDir>`.
const { transformFileSync } = require('@swc/core')

require.extensions['.ts'] = (module, path) => {
  const { code } = transformFileSync(path, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs', ignoreDynamic: true },
  })
  module._compile(code, path)
}

const { startEmbeddedPostgres } = require('../../src/database/embedded/start')

startEmbeddedPostgres({ dataDir: process.argv[2] }).then(() => console.log('ready'))
