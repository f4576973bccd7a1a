/** What a gateway in Node imports, as `tollgate/client`. */
export { type CallSettings, type ConnectSettings, connectTollgate, type TollgateClient } from './connect'
export { TollgateError } from './errors'
export type { ChunkFacts, MeteredFormat } from './meter/chunkReaders'
export type { StopReason } from './meter/gate'
export { type Delivery, UndeliveredSettlements } from './meter/undelivered'
export {
  type MeteredEnd,
  type MeteredStream,
  type MeterStreamSettings,
  meterStream,
  type WhenUnreachable,
} from './meterStream'
export { isUndecided, type RetrySettings } from './retry'
export type { StreamSettleConnection } from './streamSettle'
