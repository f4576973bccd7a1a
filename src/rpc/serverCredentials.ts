import { ServerCredentials } from '@grpc/grpc-js'

/** TLS for the server, from PEM. With `clientCa`, only clients with a certificate signed by it get in. */
export function serverCredentials({
  certificate,
  key,
  clientCa,
}: {
  certificate: Buffer
  key: Buffer
  clientCa?: Buffer
}): ServerCredentials {
  return ServerCredentials.createSsl(
    clientCa ?? null,
    [{ cert_chain: certificate, private_key: key }],
    clientCa !== undefined,
  )
}
