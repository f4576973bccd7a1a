import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/packageRoot'
import { parseTokens } from '../../src/rpc/server/auth'
import { SCOPES_BY_METHOD } from '../../src/rpc/server/scopes'

const text = readFileSync(join(packageRoot, 'docs/security.md'), 'utf8')

test('the tokens file of the page is valid', () => {
  const [, example = ''] = /```\n(# name[\s\S]*?)```/.exec(text) ?? []
  expect(parseTokens(example, 'tokens').map(({ scopes }) => scopes)).toEqual([
    ['gateway'],
    ['read'],
    ['admin'],
  ])
})

test('the methods of the gateway are those that the page names', () => {
  const [, named = ''] = /\| `gateway` \| (.*) \|/.exec(text) ?? []
  const gateway = Object.entries(SCOPES_BY_METHOD).filter(([, scopes]) => scopes.includes('gateway' as never))
  expect(named.match(/\w+/g)?.sort()).toEqual(gateway.map(([name]) => name).sort())
})

test('the read scope may call the methods whose names say that they read', () => {
  const read = Object.entries(SCOPES_BY_METHOD).filter(([, scopes]) => scopes.includes('read' as never))
  const reading = Object.keys(SCOPES_BY_METHOD).filter((name) => /^(Get|List|Summarize|Reconcile)/.test(name))
  expect(read.map(([name]) => name).sort()).toEqual(reading.sort())
})
