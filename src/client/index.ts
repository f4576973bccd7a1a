import type { TollgateClient } from '../../clients/node/src/connect'
import { meterContext } from '../../clients/node/src/meter/meterContext'
import {
  type MeteredStream,
  type MeterStreamSettings,
  meterStream as meterWith,
} from '../../clients/node/src/meterStream'

/**
 * The Node client under its earlier name, `tollgate/client`, where `meterStream` is a function of a connection. New gateways import
 * `openTollgate` from `@tollgate/client`, which also keeps what can't be delivered.
 */
export * from '../../clients/node/src/index'

/** Pays for a provider's stream while it is read, without a store. */
export function meterStream<Chunk>(
  client: TollgateClient,
  settings: MeterStreamSettings<Chunk>,
): MeteredStream<Chunk> {
  return meterWith(meterContext(client), settings)
}
