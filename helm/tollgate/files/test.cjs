// `helm test`: is a replica ready, and does gRPC answer that it serves? node test.cjs READY_URL HOST:PORT plain|tls|mutual
// Runs in the server's image, in its folder, and by a test in the sources.
const { credentials, makeGenericClientConstructor } = require('@grpc/grpc-js')
const tls = require('node:tls')

const WITHIN_MS = 10_000
const [readyUrl, address, security] = process.argv.slice(-3)

setTimeout(() => end('nothing answered in time'), WITHIN_MS)
main().then(() => end(), (error) => end(error.cause ?? error))

async function main() {
  const ready = await fetch(readyUrl)
  if (!ready.ok) throw new Error(`${readyUrl}: ${await ready.text()}`)
  await (security === 'mutual' ? shakesHands() : serves())
}

/** grpc.health.v1.Health/Check of the whole server, for which no token is needed. Whose the certificate is, clients check. */
function serves() {
  const secured = () => credentials.createSsl(null, null, null, { rejectUnauthorized: false })
  const Client = makeGenericClientConstructor({}, 'grpc.health.v1.Health')
  const client = new Client(address, security === 'tls' ? secured() : credentials.createInsecure())
  return new Promise((resolve, reject) => {
    const path = '/grpc.health.v1.Health/Check'
    const bytes = (message) => message
    client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), (error, answer) => {
      if (error) reject(error)
      // status = SERVING
      else if (answer.toString('hex') !== '0801') reject(new Error(`gRPC answers ${answer.toString('hex')}`))
      else resolve()
    })
  })
}

/** Without a certificate of a client's, the handshake is as far as one gets. */
function shakesHands() {
  const [host, port] = address.split(':')
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host, port, ALPNProtocols: ['h2'], rejectUnauthorized: false })
    socket.on('error', reject)
    socket.on('secureConnect', () =>
      socket.alpnProtocol === 'h2' ? resolve() : reject(new Error('TLS, but not of HTTP/2')),
    )
  })
}

function end(problem) {
  if (problem !== undefined) console.error(String(problem))
  process.exit(problem === undefined ? 0 : 1)
}
