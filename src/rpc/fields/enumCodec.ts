import { invalidField } from '../../domain/errors'
import { type Fields, pathOf } from './read'

/** Translates one enum of the contract to its values in the domain, and back. */
export interface EnumCodec<Name extends string, Value extends string> {
  /** The value of each name. */
  values: Readonly<Record<Name, Value>>
  /** @throws BillingError INVALID_FIELD where the name is unknown. An unknown number arrives as that number. */
  read<Key extends string>(message: Fields<Key>, key: Key, at?: string): Value
  /** As {@link read}, of a name that is no field of its own: `path` is its path in an error. */
  readName(name: string, path: string): Value
  write(value: Value): Name
}

/** @param values no value may occur twice */
export function enumCodec<Name extends string, Value extends string>(
  values: Readonly<Record<Name, Value>>,
): EnumCodec<Name, Value> {
  const valueByName = new Map<string, Value>(Object.entries<Value>(values))
  const nameByValue = new Map([...valueByName].map(([name, value]) => [value, name as Name]))
  const refuse = (path: string): never => {
    throw invalidField(path, `must be one of ${Object.keys(values).join(', ')}`)
  }
  return {
    values,
    // The path is made for an error only.
    read: (message, key, at = '') => valueByName.get(message[key]) ?? refuse(pathOf(key, at)),
    readName: (name, path) => valueByName.get(name) ?? refuse(path),
    // The types allow no other value.
    write: (value) => nameByValue.get(value) as Name,
  }
}
