import { join } from 'node:path'
import { loadSync, type MessageTypeDefinition, type ServiceDefinition } from '@grpc/proto-loader'
import { packageRoot } from '../../src/packageRoot'
import { services } from '../../src/wire/definition'

const definitions = loadSync(
  ['tollgate/billing/v1/admin_services.proto', 'tollgate/billing/v1/budget_service.proto'],
  { includeDirs: [join(packageRoot, 'proto')] },
)

interface DescribedField {
  name: string
  typeName: string
}

/** Every method of the contract, by the client's name for it. */
export function methodNames(): string[] {
  return [...methods().keys()].sort()
}

/** Every field of a method's request that holds a value, by its path in the contract. Our own messages are listed by their fields. */
export function requestFields(method: string): string[] {
  const definition = methods().get(method)
  if (definition === undefined) throw new Error(`there is no ${method}`)
  return leavesOf(definition.requestType.type, '').sort()
}

function leavesOf(type: object, at: string): string[] {
  const { field } = type as { field: DescribedField[] }
  return field.flatMap(({ name, typeName }) => {
    const path = at + name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    const nested = definitions[`tollgate.billing.v1.${typeName}`] as
      | MessageTypeDefinition<object, object>
      | undefined
    const isMessage = nested !== undefined && 'field' in nested.type
    return isMessage ? leavesOf(nested.type, `${path}.`) : [path]
  })
}

function methods(): Map<string, ServiceDefinition[string]> {
  return new Map(
    Object.values(services).flatMap((service) =>
      Object.entries(service as unknown as ServiceDefinition).map(
        ([name, method]) => [name.charAt(0).toLowerCase() + name.slice(1), method] as const,
      ),
    ),
  )
}
