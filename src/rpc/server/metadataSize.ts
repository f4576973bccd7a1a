import type { Metadata } from '@grpc/grpc-js'
import { BillingError } from '../../domain/errors'

// HTTP/2 counts this for each header, beside its name and value (RFC 9113, section 6.5.2).
const OVERHEAD_BYTES = 32

/** @throws BillingError MESSAGE_TOO_LARGE */
export function checkMetadataSize(metadata: Metadata, bytesMax: number): void {
  let bytes = 0
  for (const [name, values] of Object.entries(metadata.toJSON())) {
    for (const value of values) bytes += name.length + value.length + OVERHEAD_BYTES
  }
  if (bytes > bytesMax) {
    throw new BillingError(
      'MESSAGE_TOO_LARGE',
      `the metadata is ${bytes} bytes long; the limit is ${bytesMax}`,
    )
  }
}
