import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { ConnectionSettings } from '../../src/database/database'

/** A fault that happens once, at the next statement of this name. */
export type Fault = CutFault | ReplacedFault

/** The engine's side of the connection is cut. */
export interface CutFault {
  /** Name of a prepared statement (`swap`) or text of a plain one (`commit`). Of several, the first to arrive counts. */
  statement: string | readonly string[]
  /** Whether Postgres gets the statement; its answer is lost in any case. */
  arrives: boolean
  /** If it stays open, the server process doesn't learn that the engine has gone. */
  serverSide: 'cut' | 'left open'
  /** Runs before the engine notices the fault. */
  meanwhile?: () => Promise<unknown>
}

/** Sends Postgres another statement, and returns the answer to that. */
export interface ReplacedFault {
  /** Text of a plain statement. */
  statement: string
  instead: string
}

/** A network path from an engine to Postgres that fails at a chosen statement. */
export interface FaultyNetwork {
  /** Settings that connect to the database through it. */
  connection: ConnectionSettings
  /** Strikes at one statement; resolves to the process id of that connection's backend. */
  strike(fault: Fault): Promise<number>
  close(): void
}

/** `connection` is that of a test database: a unix socket, no TLS, so that the statements can be seen in the bytes. */
export async function faultyNetwork(connection: ConnectionSettings): Promise<FaultyNetwork> {
  const { host = '', port = 5432, ...rest } = connection
  const links = new Set<Link>()
  let armed: Armed | undefined
  const server = createServer((near) => {
    const link = new Link(near, connect(`${host}/.s.PGSQL.${port}`), (statement) => {
      if (armed === undefined || ![armed.fault.statement].flat().includes(statement)) return undefined
      const struck = armed
      armed = undefined
      return struck
    })
    links.add(link)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    connection: { ...rest, host: '127.0.0.1', port: portOf(server) },
    strike: (fault) =>
      new Promise((resolve, reject) => {
        armed = { fault, resolve, reject }
      }),
    close() {
      server.close()
      for (const link of links) link.cut()
    },
  }
}

interface Armed<F extends Fault = Fault> {
  fault: F
  resolve: (serverPid: number) => void
  reject: (error: unknown) => void
}

/** One connection, engine to Postgres, in whole messages of the protocol. */
class Link {
  readonly #near: Socket
  readonly #far: Socket
  readonly #faultAt: (statement: string) => Armed | undefined
  #serverPid = 0
  /** How often Postgres was asked for an answer, and gave a complete one. The login is the first. */
  #asked = 1
  #answered = 0
  #struck: Armed<CutFault> | undefined
  /** Number of the answer that is lost. */
  #lostAnswer: number | undefined
  /** Nothing more from the engine gets through. */
  #isOver = false
  #keepsServer = false

  constructor(near: Socket, far: Socket, faultAt: (statement: string) => Armed | undefined) {
    this.#near = near
    this.#far = far
    this.#faultAt = faultAt
    for (const socket of [near, far]) socket.on('error', () => undefined)
    near.on('close', () => this.#keepsServer || far.destroy())
    far.on('close', () => near.destroy())
    // The first message of the engine, the startup packet, has no type.
    near.on(
      'data',
      inMessages(0, (message) => this.#forward(message)),
    )
    far.on(
      'data',
      inMessages(1, (message) => this.#answer(message)),
    )
  }

  cut(): void {
    this.#near.destroy()
    this.#far.destroy()
  }

  #forward(message: Message): void {
    if (this.#isOver) return
    const statement = statementOf(message)
    const armed = statement === undefined ? undefined : (this.#struck ?? this.#faultAt(statement))
    if (isReplaced(armed)) {
      this.#far.write(queryOf(armed.fault.instead))
      this.#asked++
      armed.resolve(this.#serverPid)
      return
    }
    if (isCut(armed)) this.#struck = armed
    if (this.#struck?.fault.arrives === false) {
      this.#isOver = true
      void this.#strike(this.#struck)
      return
    }
    this.#far.write(message.bytes)
    if (!asksForAnswer(message)) return
    this.#asked++
    if (this.#struck === undefined) return
    // What the engine has pipelined behind it is lost as well.
    this.#isOver = true
    this.#lostAnswer = this.#asked
  }

  #answer(message: Message): void {
    if (message.type === 'K') this.#serverPid = message.bytes.readInt32BE(5)
    const isLost = this.#answered + 1 === this.#lostAnswer
    if (!isLost) this.#near.write(message.bytes)
    if (!endsAnswer(message)) return
    this.#answered++
    if (isLost && this.#struck !== undefined) void this.#strike(this.#struck)
  }

  async #strike({ fault, resolve, reject }: Armed<CutFault>): Promise<void> {
    try {
      await fault.meanwhile?.()
      this.#keepsServer = fault.serverSide === 'left open'
      this.#near.destroy()
      resolve(this.#serverPid)
    } catch (error) {
      reject(error)
    }
  }
}

function isReplaced(armed: Armed | undefined): armed is Armed<ReplacedFault> {
  return armed !== undefined && 'instead' in armed.fault
}

function isCut(armed: Armed | undefined): armed is Armed<CutFault> {
  return armed !== undefined && !isReplaced(armed)
}

function queryOf(text: string): Buffer {
  const bytes = Buffer.from(`Q\0\0\0\0${text}\0`)
  bytes.writeInt32BE(bytes.length - 1, 1)
  return bytes
}

interface Message {
  type: string
  bytes: Buffer
}

/** Splits bytes into messages: a byte for the type (except in the engine's first message), then the length. */
function inMessages(typeBytesAtFirst: 0 | 1, onMessage: (message: Message) => void): (bytes: Buffer) => void {
  let typeBytes: number = typeBytesAtFirst
  let rest: Buffer = Buffer.alloc(0)
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    while (rest.length >= typeBytes + 4) {
      const end = typeBytes + rest.readInt32BE(typeBytes)
      if (rest.length < end) return
      const message = rest.subarray(0, end)
      rest = rest.subarray(end)
      onMessage({ type: typeBytes === 0 ? '' : String.fromCharCode(message[0] ?? 0), bytes: message })
      typeBytes = 1
    }
  }
}

/** The statement that a message starts: Parse and Bind name a prepared one, Query has the text. */
function statementOf({ type, bytes }: Message): string | undefined {
  const [first = '', second = ''] = bytes.subarray(5).toString('latin1').split('\0', 2)
  switch (type) {
    case 'P':
    case 'Q':
      return first
    case 'B':
      return second
    default:
      return undefined
  }
}

/** Sync, or a plain Query. */
function asksForAnswer({ type }: Message): boolean {
  return type === 'S' || type === 'Q'
}

/** ReadyForQuery. */
function endsAnswer({ type }: Message): boolean {
  return type === 'Z'
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
