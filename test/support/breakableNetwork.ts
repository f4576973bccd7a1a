import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { ConnectionSettings } from '../../src/database/database'

/** A network path to a server, which can be broken and restored as a whole. */
export interface BreakableWay {
  /** On 127.0.0.1. */
  port: number
  /** Cuts every connection and accepts none. */
  break(): void
  restore(): void
  /** Cuts every connection, accepts new ones, and stays silent on them, as if the machine were gone. */
  fallSilent(): void
  /** Silently drops what is sent on the open connections. */
  forget(): void
  close(): void
}

/** The same for Postgres. */
export interface BreakableNetwork extends BreakableWay {
  /** Settings that connect to the database through it. */
  connection: ConnectionSettings
}

/** `connection` is that of a test database: a unix socket. */
export async function breakableNetwork({
  host = '',
  port = 5432,
  ...rest
}: ConnectionSettings): Promise<BreakableNetwork> {
  const way = await breakableWay(() => connect(`${host}/.s.PGSQL.${port}`))
  return { ...way, connection: { ...rest, host: '127.0.0.1', port: way.port } }
}

export async function breakableWay(connectFar: () => Socket): Promise<BreakableWay> {
  const sockets = new Set<Socket>()
  let isBroken = false
  let isSilent = false
  const server = createServer((near) => {
    if (isBroken) {
      near.resetAndDestroy()
      return
    }
    if (isSilent) {
      sockets.add(near)
      near.on('error', () => undefined).on('close', () => sockets.delete(near))
      return
    }
    const far = connectFar()
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
      socket.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    break() {
      isBroken = true
      for (const socket of sockets) socket.destroy()
    },
    restore() {
      isBroken = false
      if (isSilent) for (const socket of sockets) socket.destroy()
      isSilent = false
    },
    fallSilent() {
      isBroken = false
      isSilent = true
      for (const socket of sockets) socket.destroy()
    },
    forget() {
      for (const socket of sockets) socket.unpipe().resume()
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
