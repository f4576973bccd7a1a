import {
  type DescEnum,
  type DescExtension,
  type DescFile,
  type DescMessage,
  type DescService,
  toBinary,
} from '@bufbuild/protobuf'
import { nestedTypes } from '@bufbuild/protobuf/reflect'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import { protoRegistry } from './protoRegistry'

/** Files of `proto/` in their compiled form, by name and by the symbols that they define. */
export interface FileIndex {
  /** The file, followed by all files that it imports, directly or not. */
  withImports(fileName: string): Buffer[] | undefined
  /** The file that defines a full name: of a type, a service, a method, a field, a oneof or an enum's value. */
  fileNameOf(symbol: string): string | undefined
}

/** Indexes everything below `proto/`. */
export function indexProtos(): FileIndex {
  const files = new Map([...protoRegistry.files].map((file) => [file.proto.name, file]))
  const compiled = new Map(
    [...files].map(([name, { proto }]) => [name, Buffer.from(toBinary(FileDescriptorProtoSchema, proto))]),
  )
  const fileNames = new Map(
    [...files].flatMap(([name, file]) => symbolsOf(file).map((symbol) => [symbol, name] as const)),
  )
  return {
    withImports(fileName) {
      if (!files.has(fileName)) return undefined
      const names = new Set([fileName])
      // Iterating over a set also visits what is added meanwhile.
      for (const name of names) for (const each of files.get(name)?.proto.dependency ?? []) names.add(each)
      return [...names].flatMap((name) => compiled.get(name) ?? [])
    },
    fileNameOf: (symbol) => fileNames.get(symbol),
  }
}

function symbolsOf(file: DescFile): string[] {
  return [...nestedTypes(file)].flatMap((type) => [type.typeName, ...partsOf(type)])
}

function partsOf(type: DescMessage | DescEnum | DescExtension | DescService): string[] {
  switch (type.kind) {
    case 'message':
      return [...type.fields, ...type.oneofs].map(({ name }) => `${type.typeName}.${name}`)
    case 'service':
      return type.methods.map(({ name }) => `${type.typeName}.${name}`)
    case 'enum':
      // The values of an enum belong to the scope around it.
      return type.values.map(({ name }) => type.typeName.slice(0, -type.name.length) + name)
    case 'extension':
      return []
  }
}
