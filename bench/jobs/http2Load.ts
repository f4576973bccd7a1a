import { Http2Connection } from '../http2/connection'
import { type Template, templateOf, type UnaryMethod } from '../http2/template'
import { type Load, type Measured, Recorder } from '../load'
import { type UserChoice, userChooser } from '../users'

export interface Http2LoadArguments {
  address: string
  method: UnaryMethod
  batchSize?: number
  users: UserChoice
  load: Load
}

const CONNECTIONS_MAX = 4

/** Makes unary gRPC calls, each with a user and a key of its own. */
export async function http2Load(args: Http2LoadArguments): Promise<Measured> {
  const { address, load } = args
  const template = templateOf(args.method, args.batchSize)
  const recorder = new Recorder(load)
  const connectionCount = Math.min(CONNECTIONS_MAX, load.inFlight)
  const connections = await Promise.all(
    Array.from({ length: connectionCount }, () => Http2Connection.open(address, template.path)),
  )
  const nextUser = userChooser(args.users)
  await Promise.all(
    connections.map((connection) =>
      drive(connection, {
        template,
        nextUser,
        recorder,
        inFlight: Math.ceil(load.inFlight / connectionCount),
      }),
    ),
  )
  for (const connection of connections) connection.close()
  return recorder.measured()
}

interface Drive {
  template: Template
  nextUser: () => string
  recorder: Recorder
  inFlight: number
}

/** Resolves when the time is over and all calls are answered. */
function drive(
  connection: Http2Connection,
  { template, nextUser, recorder, inFlight }: Drive,
): Promise<void> {
  return new Promise((resolve) => {
    let running = 0
    connection.onTurn = () => {
      if (recorder.isOver()) {
        if (running === 0) resolve()
        return
      }
      while (running < inFlight && connection.hasRoom(template.message.length)) {
        running++
        const sentMs = performance.now()
        const streamId = connection.start({
          onEnd(answered) {
            running--
            if (answered) recorder.succeeded(sentMs)
            else recorder.failed('an error or no answer')
          },
        })
        template.renew(nextUser)
        connection.send(streamId, template.message, { end: true })
      }
    }
    connection.onTurn()
    connection.flush()
  })
}
