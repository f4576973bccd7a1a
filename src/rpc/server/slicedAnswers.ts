import type { DescMethod } from '@bufbuild/protobuf'
import type { MethodDefinition } from '@grpc/proto-loader'
import { mapInSlices } from '../../timing/slices'

/*
 * A page of 1,000 ledger entries takes tens of milliseconds to encode, in which the process would serve nobody else. So
 * the elements of long lists are encoded in slices: the bytes of two parts of a message, one after the other, are the
 * bytes of the whole.
 */

/** Elements that are encoded together. */
const CHUNK = 16

type Answers = Pick<MethodDefinition<object, object>, 'responseSerialize'>

export class EncodedAnswer {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}

/** The method, which sends answers that are already encoded as they are. */
export function passEncoded<Method extends Answers>(method: Method): Method {
  return {
    ...method,
    responseSerialize: (answer: object) =>
      answer instanceof EncodedAnswer ? answer.bytes : method.responseSerialize(answer),
  }
}

export type AnswerEncoder = (answer: object) => object | Promise<object>

/**
 * Encodes answers of a method that hold a long list. It passes others on, and grpc-js encodes them. Undefined = the
 * method has no lists.
 */
export function longAnswerEncoder(
  { responseSerialize }: Answers,
  { output }: DescMethod,
): AnswerEncoder | undefined {
  const list = output.fields.find((field) => field.fieldKind === 'list' && field.message !== undefined)
  if (list === undefined) return undefined
  const name = list.localName
  return async (answer) => {
    const elements = (answer as Record<string, unknown>)[name]
    if (!Array.isArray(elements) || elements.length <= CHUNK) return answer
    const chunks = Array.from({ length: Math.ceil(elements.length / CHUNK) }, (_, n) =>
      elements.slice(n * CHUNK, (n + 1) * CHUNK),
    )
    const encoded = await mapInSlices(chunks, (chunk) => responseSerialize({ [name]: chunk }))
    return new EncodedAnswer(Buffer.concat([...encoded, responseSerialize({ ...answer, [name]: [] })]))
  }
}
