import { type Server, type ServerDuplexStream, status } from '@grpc/grpc-js'
import type { ServiceDefinition } from '@grpc/proto-loader'
import { contractFiles, type FileIndex, indexFiles } from '../../wire/fileIndex'
import {
  REFLECTION_PACKAGES,
  type ReflectionAnswer,
  type ReflectionRequest,
  type ReflectionResponse,
  reflectionService,
} from '../../wire/reflectionDefinition'

/**
 * Serves reflection, version 1 and the older alpha: what grpcurl, buf curl and Postman read a contract by. The files go
 * out as buf compiled them, comments and all. `others` are services that are not in the contract.
 */
export function addReflection(
  server: Server,
  { contract, others }: { contract: readonly string[]; others: Readonly<Record<string, ServiceDefinition>> },
): void {
  const reflections = Object.fromEntries(
    REFLECTION_PACKAGES.map((name) => [`${name}.ServerReflection`, reflectionService(name)]),
  )
  const index = indexFiles([
    ...contractFiles(),
    ...Object.values({ ...others, ...reflections }).flatMap(filesOf),
  ])
  const serviceNames = [...contract, ...Object.keys(others), ...Object.keys(reflections)].sort()
  for (const service of Object.values(reflections)) {
    server.addService(service, {
      ServerReflectionInfo: (call: ServerDuplexStream<ReflectionRequest, ReflectionResponse>) => {
        call.on('data', (request: ReflectionRequest) => {
          const isRead = call.write({
            validHost: request.host,
            originalRequest: request,
            ...answer(request, { index, serviceNames }),
          })
          if (isRead) return
          // A question is a few bytes, and its answer a whole contract: who reads no answers is asked for no more.
          call.pause()
          call.once('drain', () => call.resume())
        })
        call.on('end', () => call.end())
      },
    })
  }
}

function answer(
  request: ReflectionRequest,
  { index, serviceNames }: { index: FileIndex; serviceNames: readonly string[] },
): ReflectionAnswer {
  switch (request.messageRequest) {
    case 'listServices':
      return { listServicesResponse: { service: serviceNames.map((name) => ({ name })) } }
    case 'fileByFilename':
      return filesAnswer(index, request.fileByFilename)
    case 'fileContainingSymbol':
      return filesAnswer(index, index.fileNameOf(request.fileContainingSymbol ?? ''))
    case 'fileContainingExtension':
    case 'allExtensionNumbersOfType':
      return refusal(status.NOT_FOUND, 'there are no extensions here')
    default:
      return refusal(status.INVALID_ARGUMENT, 'the request asks for nothing')
  }
}

function filesAnswer(index: FileIndex, fileName: string | undefined): ReflectionAnswer {
  const files = fileName === undefined ? undefined : index.withImports(fileName)
  if (files === undefined) return refusal(status.NOT_FOUND, 'no file here has that')
  return { fileDescriptorResponse: { fileDescriptorProto: files } }
}

function refusal(errorCode: status, errorMessage: string): ReflectionAnswer {
  return { errorResponse: { errorCode, errorMessage } }
}

function filesOf(service: ServiceDefinition): Buffer[] {
  const [method] = Object.values(service)
  return method?.requestType.fileDescriptorProtos ?? []
}
