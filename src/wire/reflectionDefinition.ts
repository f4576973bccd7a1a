import { fromJSON, type ServiceDefinition } from '@grpc/proto-loader'
import { LOADER_OPTIONS } from './definition'

// https://github.com/grpc/grpc-proto/blob/master/grpc/reflection/v1/reflection.proto; v1alpha differs in its package alone.

export interface ReflectionRequest {
  host: string
  messageRequest?:
    | 'fileByFilename'
    | 'fileContainingSymbol'
    | 'fileContainingExtension'
    | 'allExtensionNumbersOfType'
    | 'listServices'
  fileByFilename?: string
  fileContainingSymbol?: string
}

export type ReflectionAnswer =
  | { fileDescriptorResponse: { fileDescriptorProto: Buffer[] } }
  | { listServicesResponse: { service: { name: string }[] } }
  | { allExtensionNumbersResponse: { baseTypeName: string; extensionNumber: number[] } }
  | { errorResponse: { errorCode: number; errorMessage: string } }

export type ReflectionResponse = { validHost: string; originalRequest: ReflectionRequest } & ReflectionAnswer

export const REFLECTION_PACKAGES = ['grpc.reflection.v1', 'grpc.reflection.v1alpha'] as const

export function reflectionService(name: (typeof REFLECTION_PACKAGES)[number]): ServiceDefinition {
  const [grpc = '', reflection = '', version = ''] = name.split('.')
  const definitions = fromJSON(
    { nested: { [grpc]: { nested: { [reflection]: { nested: { [version]: { nested: PACKAGE } } } } } } },
    LOADER_OPTIONS,
  )
  return definitions[`${name}.ServerReflection`] as ServiceDefinition
}

const string = (id: number) => ({ type: 'string', id })

const PACKAGE = {
  ServerReflection: {
    methods: {
      ServerReflectionInfo: {
        requestType: 'ServerReflectionRequest',
        requestStream: true,
        responseType: 'ServerReflectionResponse',
        responseStream: true,
        comment: '',
      },
    },
  },
  ServerReflectionRequest: {
    oneofs: {
      messageRequest: {
        oneof: [
          'fileByFilename',
          'fileContainingSymbol',
          'fileContainingExtension',
          'allExtensionNumbersOfType',
          'listServices',
        ],
      },
    },
    fields: {
      host: string(1),
      fileByFilename: string(3),
      fileContainingSymbol: string(4),
      fileContainingExtension: { type: 'ExtensionRequest', id: 5 },
      allExtensionNumbersOfType: string(6),
      listServices: string(7),
    },
  },
  ExtensionRequest: {
    fields: { containingType: string(1), extensionNumber: { type: 'int32', id: 2 } },
  },
  ServerReflectionResponse: {
    oneofs: {
      messageResponse: {
        oneof: [
          'fileDescriptorResponse',
          'allExtensionNumbersResponse',
          'listServicesResponse',
          'errorResponse',
        ],
      },
    },
    fields: {
      validHost: string(1),
      originalRequest: { type: 'ServerReflectionRequest', id: 2 },
      fileDescriptorResponse: { type: 'FileDescriptorResponse', id: 4 },
      allExtensionNumbersResponse: { type: 'ExtensionNumberResponse', id: 5 },
      listServicesResponse: { type: 'ListServiceResponse', id: 6 },
      errorResponse: { type: 'ErrorResponse', id: 7 },
    },
  },
  FileDescriptorResponse: { fields: { fileDescriptorProto: { rule: 'repeated', type: 'bytes', id: 1 } } },
  ExtensionNumberResponse: {
    fields: { baseTypeName: string(1), extensionNumber: { rule: 'repeated', type: 'int32', id: 2 } },
  },
  ListServiceResponse: { fields: { service: { rule: 'repeated', type: 'ServiceResponse', id: 1 } } },
  ServiceResponse: { fields: { name: string(1) } },
  ErrorResponse: { fields: { errorCode: { type: 'int32', id: 1 }, errorMessage: string(2) } },
}
