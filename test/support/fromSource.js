// Runs a TypeScript module in a process of its own, without a build: `node fromSource.js src/main serve`.
// Compiled modules are cached by their content: tests start hundreds of processes.
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')

const cache = join(__dirname, '../../node_modules/.cache/from-source')

require.extensions['.ts'] = (module, path) => module._compile(compiled(path), path)

function compiled(path) {
  const source = readFileSync(path, 'utf8')
  const file = join(cache, createHash('sha1').update(path).update('\0').update(source).digest('hex'))
  try {
    return readFileSync(file, 'utf8')
  } catch {
    const code = compile(source, path)
    mkdirSync(cache, { recursive: true })
    // Several processes may write one file; each rename is of a complete one.
    writeFileSync(`${file}.${process.pid}`, code)
    renameSync(`${file}.${process.pid}`, file)
    return code
  }
}

function compile(source, filename) {
  const { transformSync } = require('@swc/core')
  return transformSync(source, {
    filename,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  }).code
}

const [, script, path = '', ...args] = process.argv
process.argv = [process.execPath, script ?? '', ...args]
require(join(__dirname, '../..', path))
