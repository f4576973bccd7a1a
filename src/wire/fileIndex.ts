import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromJSON, type MessageTypeDefinition } from '@grpc/proto-loader'
import { packageRoot } from '../packageRoot'
import { LOADER_OPTIONS } from './definition'

/** Files of protocol buffer definitions by name and by what they define, as the bytes that they were compiled to. */
export interface FileIndex {
  /** The file and those that it imports, directly or not; the file itself comes first. */
  withImports(fileName: string): Buffer[] | undefined
  fileNameOf(symbol: string): string | undefined
}

/** The contract's files and what they import, as buf compiled them (`npm run generate`). */
export function contractFiles(): Buffer[] {
  return fileSet.deserialize(readFileSync(join(packageRoot, 'src', 'wire', 'descriptors.binpb'))).file
}

export function indexFiles(files: readonly Buffer[]): FileIndex {
  const byName = new Map<string, { bytes: Buffer; imports: readonly string[] }>()
  const nameBySymbol = new Map<string, string>()
  for (const bytes of files) {
    const file = fileDescriptor.deserialize(bytes)
    byName.set(file.name, { bytes, imports: file.dependency })
    for (const symbol of symbolsOf(file)) nameBySymbol.set(symbol, file.name)
  }
  return {
    withImports(fileName) {
      if (!byName.has(fileName)) return undefined
      const names = new Set([fileName])
      // A set goes on to what is added to it while it is walked.
      for (const name of names) for (const each of byName.get(name)?.imports ?? []) names.add(each)
      return [...names].flatMap((name) => byName.get(name)?.bytes ?? [])
    },
    fileNameOf: (symbol) => nameBySymbol.get(symbol),
  }
}

// https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto: only what an index needs.
interface FileDescriptor {
  name: string
  package: string
  dependency: string[]
  messageType: MessageDescriptor[]
  enumType: EnumDescriptor[]
  service: { name: string; method: Named[] }[]
}
interface Named {
  name: string
}
interface EnumDescriptor extends Named {
  value: Named[]
}
interface MessageDescriptor extends Named {
  field: Named[]
  nestedType: MessageDescriptor[]
  enumType: EnumDescriptor[]
  oneofDecl: Named[]
}

const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id })
const NAME = { name: { type: 'string', id: 1 } }

const definitions = fromJSON(
  {
    nested: {
      FileSet: { fields: { file: repeated('bytes', 1) } },
      File: {
        fields: {
          ...NAME,
          package: { type: 'string', id: 2 },
          dependency: repeated('string', 3),
          messageType: repeated('Message', 4),
          enumType: repeated('Enum', 5),
          service: repeated('Service', 6),
        },
      },
      Message: {
        fields: {
          ...NAME,
          field: repeated('Named', 2),
          nestedType: repeated('Message', 3),
          enumType: repeated('Enum', 4),
          oneofDecl: repeated('Named', 8),
        },
      },
      Enum: { fields: { ...NAME, value: repeated('Named', 2) } },
      Service: { fields: { ...NAME, method: repeated('Named', 2) } },
      Named: { fields: NAME },
    },
  },
  LOADER_OPTIONS,
)
const fileSet = definitions['FileSet'] as unknown as MessageTypeDefinition<never, { file: Buffer[] }>
const fileDescriptor = definitions['File'] as unknown as MessageTypeDefinition<never, FileDescriptor>

function symbolsOf(file: FileDescriptor): string[] {
  const scope = file.package
  return [
    ...file.messageType.flatMap((message) => messageSymbols(message, scope)),
    ...file.enumType.flatMap((each) => enumSymbols(each, scope)),
    ...file.service.flatMap(({ name, method }) => withParts(`${scope}.${name}`, method)),
  ]
}

function messageSymbols(message: MessageDescriptor, scope: string): string[] {
  const name = `${scope}.${message.name}`
  return [
    ...withParts(name, [...message.field, ...message.oneofDecl]),
    ...message.nestedType.flatMap((nested) => messageSymbols(nested, name)),
    ...message.enumType.flatMap((each) => enumSymbols(each, name)),
  ]
}

/** An enum's values belong to the scope around it. */
function enumSymbols({ name, value }: EnumDescriptor, scope: string): string[] {
  return [`${scope}.${name}`, ...value.map((each) => `${scope}.${each.name}`)]
}

function withParts(name: string, parts: readonly Named[]): string[] {
  return [name, ...parts.map((part) => `${name}.${part.name}`)]
}
