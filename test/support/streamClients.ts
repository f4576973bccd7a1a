import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TollgateClient } from '../../clients/node/src/connect'
import type { TollgateError } from '../../clients/node/src/errors'
import type { StreamAck__Output } from '../../src/wire/generated/tollgate/billing/v1/StreamAck'
import type { StreamClose } from '../../src/wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamGrant__Output } from '../../src/wire/generated/tollgate/billing/v1/StreamGrant'
import type { StreamOpen } from '../../src/wire/generated/tollgate/billing/v1/StreamOpen'
import type { StreamProgress } from '../../src/wire/generated/tollgate/billing/v1/StreamProgress'
import type { StreamSettled__Output } from '../../src/wire/generated/tollgate/billing/v1/StreamSettled'

/** A gateway's side of one stream: sends the test's messages, and keeps the answers. */
export class TestStream {
  readonly #connection: ReturnType<TollgateClient['streamSettle']>
  readonly grants: StreamGrant__Output[] = []
  readonly acks: StreamAck__Output[] = []
  drained = false
  /** More than one if it was amended on this connection. */
  readonly settlements: StreamSettled__Output[] = []
  /** The error that ended the call; undefined if it succeeded. */
  readonly ended: Promise<TollgateError | undefined>
  #over = false
  #wake: () => void = () => undefined

  constructor(client: TollgateClient, open: StreamOpen) {
    this.#connection = client.streamSettle()
    this.ended = this.#read().finally(() => {
      this.#over = true
      this.#wake()
    })
    this.#connection.open(open)
  }

  progress(sequence: number, outputTokens: number, inputTokens = 0): void {
    this.#connection.progress({ sequence, usage: { inputTokens, outputTokens } })
  }

  progressWith(progress: StreamProgress): void {
    this.#connection.progress(progress)
  }

  close(usage?: { inputTokens?: number; outputTokens?: number }): void {
    this.#connection.close({ sequence: 1_000_000, end: 'STREAM_END_COMPLETED', ...(usage && { usage }) })
  }

  closeWith(close: StreamClose): void {
    this.#connection.close({ sequence: 1_000_000, ...close })
  }

  halfClose(): void {
    this.#connection.end()
  }

  cancel(): void {
    this.#connection.cancel()
  }

  get settlement(): StreamSettled__Output | undefined {
    return this.settlements.at(-1)
  }

  get grant(): StreamGrant__Output {
    const last = this.grants.at(-1)
    if (last === undefined) throw new Error('nothing was granted yet')
    return last
  }

  /** Waits until the received messages satisfy a condition. */
  async until(condition: (stream: this) => boolean): Promise<this> {
    while (!condition(this)) {
      if (this.#over) throw (await this.ended) ?? new Error('the call ended before that')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this
  }

  granted(): Promise<this> {
    return this.until(({ grants }) => grants.length > 0)
  }

  acknowledged(sequence: number): Promise<this> {
    return this.until(({ acks }) => Number(acks.at(-1)?.sequence ?? 0) >= sequence)
  }

  async settled(): Promise<StreamSettled__Output> {
    await this.until(({ settlement }) => settlement !== undefined)
    return this.settlement as StreamSettled__Output
  }

  /** The reason with which the call was refused or cut. */
  async refusal(): Promise<string | undefined> {
    return (await this.ended)?.reason
  }

  async #read(): Promise<TollgateError | undefined> {
    try {
      for await (const { event, grant, ack, settled } of this.#connection.events) {
        if (grant) this.grants.push(grant)
        if (ack) this.acks.push(ack)
        if (event === 'drain') this.drained = true
        if (settled) this.settlements.push(settled)
        this.#wake()
      }
      return undefined
    } catch (error) {
      return error as TollgateError
    }
  }
}

/** A network path to a server that can be cut like a cable, or go dead: it stays open, but nothing gets through. */
export async function cuttableProxy(port: number): Promise<{ address: string; cut(): void; goDead(): void }> {
  const sockets: Socket[] = []
  const proxy = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    sockets.push(near, far)
    near.pipe(far).on('error', () => undefined)
    far.pipe(near).on('error', () => undefined)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    goDead() {
      for (const socket of sockets) socket.unpipe().pause()
    },
    cut() {
      proxy.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
