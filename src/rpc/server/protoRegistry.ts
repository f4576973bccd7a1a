import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { packageRoot } from '../../packageRoot'

/** Everything below `proto/`, as `npm run generate` compiled it: with comments. */
export const protoRegistry: FileRegistry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, readFileSync(join(packageRoot, 'src', 'wire', 'descriptors.binpb'))),
)
