import { everyPage } from '../../support/everyPage'
import { startTestServer, type TestServer } from '../../support/server'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(() => server?.stop())

test('users are listed by id, page by page, and by prefix', async () => {
  for (const n of [1, 2, 3, 4, 5]) await server.client.createUser({ userId: `list-%_${n}` })
  await server.client.createUser({ userId: 'list-other' })
  const pages = await everyPage((pageToken) =>
    server.client.listUsers({ userIdPrefix: 'list-%_', pageSize: 2, pageToken }),
  )
  expect(pages.map(({ users }) => users.map(({ userId }) => userId))).toEqual([
    ['list-%_1', 'list-%_2'],
    ['list-%_3', 'list-%_4'],
    ['list-%_5'],
  ])
})
