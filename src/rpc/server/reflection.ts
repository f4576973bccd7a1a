import { type handleBidiStreamingCall, type Server, status } from '@grpc/grpc-js'
import type { ServiceDefinition } from '@grpc/proto-loader'
import { loadProtos } from '../../wire/definition'
import type {
  ServerReflectionRequest,
  ServerReflectionRequest__Output,
} from '../../wire/generated/grpc/reflection/v1/ServerReflectionRequest'
import type { ServerReflectionResponse } from '../../wire/generated/grpc/reflection/v1/ServerReflectionResponse'
import { type FileIndex, indexProtos } from './fileIndex'

type Answer = Pick<
  ServerReflectionResponse,
  'fileDescriptorResponse' | 'listServicesResponse' | 'errorResponse'
>

const definitions = loadProtos(
  'grpc/reflection/v1/reflection.proto',
  'grpc/reflection/v1alpha/reflection.proto',
)
const SERVICES = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'] as const

/**
 * Serves reflection, version 1 and the older alpha, from which grpcurl, buf curl and Postman learn a contract. `services`
 * are the names of the server's other services.
 */
export function addReflection(server: Server, services: readonly string[]): void {
  const index = indexProtos()
  const serviceNames = [...services, ...SERVICES].sort()
  const serve: handleBidiStreamingCall<ServerReflectionRequest__Output, ServerReflectionResponse> = (
    call,
  ) => {
    call.on('data', (request: ServerReflectionRequest & { host: string }) => {
      const hasRoom = call.write({
        validHost: request.host,
        originalRequest: request,
        ...answer(request, { index, serviceNames }),
      })
      if (hasRoom) return
      // A question takes a few bytes, and its answer a whole contract: read no more while answers wait.
      call.pause()
      call.once('drain', () => call.resume())
    })
    call.on('end', () => call.end())
  }
  for (const name of SERVICES) {
    server.addService(definitions[name] as ServiceDefinition, { ServerReflectionInfo: serve })
  }
}

function answer(
  request: ServerReflectionRequest,
  { index, serviceNames }: { index: FileIndex; serviceNames: readonly string[] },
): Answer {
  switch (request.messageRequest) {
    case 'listServices':
      return { listServicesResponse: { service: serviceNames.map((name) => ({ name })) } }
    case 'fileByFilename':
      return filesAnswer(index, request.fileByFilename)
    case 'fileContainingSymbol':
      return filesAnswer(index, index.fileNameOf(request.fileContainingSymbol ?? ''))
    case 'fileContainingExtension':
    case 'allExtensionNumbersOfType':
      return refusal(status.NOT_FOUND, 'this contract has no extensions')
    default:
      return refusal(status.INVALID_ARGUMENT, 'the request must ask for something')
  }
}

function filesAnswer(index: FileIndex, fileName: string | undefined): Answer {
  const files = fileName === undefined ? undefined : index.withImports(fileName)
  if (files === undefined) return refusal(status.NOT_FOUND, 'no file has that name or symbol')
  return { fileDescriptorResponse: { fileDescriptorProto: files } }
}

function refusal(errorCode: status, errorMessage: string): Answer {
  return { errorResponse: { errorCode, errorMessage } }
}
