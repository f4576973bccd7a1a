// Runs a TypeScript module in a process of its own, without a build: `node fromSource.js src/main serve`.
const { join } = require('node:path')
const { transformFileSync } = require('@swc/core')

require.extensions['.ts'] = (module, path) => {
  const options = {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
  }
  module._compile(transformFileSync(path, { ...options, sourceMaps: 'inline' }).code, path)
}

const [, script, path = '', ...args] = process.argv
process.argv = [process.execPath, script ?? '', ...args]
require(join(__dirname, '../..', path))
