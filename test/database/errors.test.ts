import { CommitRefused, type DatabaseErrorKind, databaseErrorKind } from '../../src/database/errors'

const serverError = (code: string) =>
  Object.assign(new Error('said by the server'), { code, severity: 'ERROR' })

test.each<[string, DatabaseErrorKind]>([
  ['40001', 'transient'],
  ['40P01', 'transient'],
  ['55P03', 'transient'],
  ['57014', 'transient'],
  ['53100', 'transient'],
  ['53400', 'transient'],
  ['23505', 'conflict'],
  ['08006', 'disconnected'],
  ['08007', 'disconnected'],
  ['40003', 'disconnected'],
  ['25P03', 'disconnected'],
  ['25P04', 'disconnected'],
  ['25006', 'disconnected'],
  ['57P01', 'disconnected'],
  ['57P05', 'disconnected'],
  ['58030', 'disconnected'],
  ['XX000', 'disconnected'],
  ['22003', 'permanent'],
  ['42P01', 'permanent'],
])('%s of the server is %s', (state, kind) => {
  expect(databaseErrorKind(serverError(state))).toBe(kind)
})

test.each<[string, unknown, DatabaseErrorKind]>([
  ['a commit that was answered by ROLLBACK', new CommitRefused('no'), 'transient'],
  ['a reset socket', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), 'disconnected'],
  ['a server that says nothing', new Error('Query read timeout'), 'disconnected'],
  ['a wrong argument', Object.assign(new TypeError('no'), { code: 'ERR_INVALID_ARG_TYPE' }), 'permanent'],
  ['a bug', new Error('undefined is not a function'), 'permanent'],
])('%s', (_, error, kind) => {
  expect(databaseErrorKind(error)).toBe(kind)
})
