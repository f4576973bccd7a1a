import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { ConnectionSettings } from '../../../src/database/database'
import type { Randomness } from '../randomness'

export type Trouble =
  | 'cut'
  | 'half-closed to Postgres'
  | 'half-closed to the server'
  | 'cut between two bytes'

/** A slow connection to Postgres, with faults on demand. */
export interface TroubledNetwork {
  connection: ConnectionSettings
  /** Strikes one of the open connections; false if there is none. */
  trouble(kind: Trouble): boolean
  close(): void
}

interface Line {
  near: Socket
  far: Socket
  /** Passes half of the next chunk, and then nothing. */
  breaksWithin: boolean
}

/** `connection` is that of a test database: a unix socket. */
export async function troubledNetwork(
  { host = '', port = 5432, ...rest }: ConnectionSettings,
  { random, delayMsMax }: { random: Randomness; delayMsMax: number },
): Promise<TroubledNetwork> {
  const lines = new Set<Line>()
  const forward = (line: Line, from: Socket, to: Socket) => {
    from.on('error', () => undefined)
    from.on('data', (bytes) => {
      from.pause()
      setTimeout(
        () => {
          from.resume()
          if (!line.breaksWithin) {
            to.write(bytes)
            return
          }
          to.write(bytes.subarray(0, bytes.length >> 1), () => {
            line.near.destroy()
            line.far.destroy()
          })
        },
        random.below(delayMsMax + 1),
      )
    })
    from.on('end', () => to.end())
    from.on('close', () => {
      lines.delete(line)
      to.destroy()
    })
  }
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: `${host}/.s.PGSQL.${port}`, allowHalfOpen: true })
    const line = { near, far, breaksWithin: false }
    lines.add(line)
    forward(line, near, far)
    forward(line, far, near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    connection: { ...rest, host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    trouble(kind) {
      const [...open] = lines
      if (open.length === 0) return false
      const line = random.oneOf(open)
      switch (kind) {
        case 'cut':
          line.near.destroy()
          line.far.destroy()
          break
        case 'half-closed to Postgres':
          line.far.end()
          break
        case 'half-closed to the server':
          line.near.end()
          break
        case 'cut between two bytes':
          line.breaksWithin = true
      }
      return true
    },
    close() {
      server.close()
      for (const { near, far } of lines) {
        near.destroy()
        far.destroy()
      }
    },
  }
}
