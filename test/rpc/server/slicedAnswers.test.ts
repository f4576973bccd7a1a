import type { DescMethod } from '@bufbuild/protobuf'
import { protoRegistry } from '../../../src/rpc/server/protoRegistry'
import { longAnswerEncoder, passEncoded } from '../../../src/rpc/server/slicedAnswers'
import { services } from '../../../src/wire/definition'

const { ListUsers, GetUser } = services['tollgate.billing.v1.UserService']

function methodOf(name: string): DescMethod {
  const service = protoRegistry.getService('tollgate.billing.v1.UserService')
  return service?.methods.find((method) => method.name === name) as DescMethod
}

function aPageOf(count: number) {
  return {
    users: Array.from({ length: count }, (_, n) => ({ userId: `user-${n}`, profile: { tier: 'pro' } })),
    nextPageToken: 'next',
  }
}

test.each([0, 1, 16, 17, 1_000])('a list of %d elements arrives as it is', async (count) => {
  const answer = aPageOf(count)
  const encoder = longAnswerEncoder(ListUsers, methodOf('ListUsers'))
  const sent = passEncoded(ListUsers).responseSerialize((await encoder?.(answer)) as object)
  expect(ListUsers.responseDeserialize(sent)).toEqual(
    ListUsers.responseDeserialize(ListUsers.responseSerialize(answer)),
  )
})

test('others have their turns while a long list is encoded', async () => {
  const events: string[] = []
  const slow = {
    responseSerialize: (answer: object) => {
      const untilMs = performance.now() + 2
      while (performance.now() < untilMs);
      events.push('encoded')
      setImmediate(() => events.push('served'))
      return ListUsers.responseSerialize(answer)
    },
  }
  await longAnswerEncoder(slow, methodOf('ListUsers'))?.(aPageOf(64))
  expect(events).toEqual([...Array(4).fill(['encoded', 'served']).flat(), 'encoded'])
})

test('a method without a list has no encoder', () => {
  expect(longAnswerEncoder(GetUser, methodOf('GetUser'))).toBeUndefined()
})
