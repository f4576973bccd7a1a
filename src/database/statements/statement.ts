import {
  type AliasedRawBuilder,
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from 'kysely'
import type { Schema } from '../schema'

/** A statement that a connection prepares once under its name, and that takes its values by number. */
export interface Statement<Row> {
  name: string
  text: string
  /** Never set: it carries the type of the rows that the statement answers. */
  row?: Row
}

export type RowOf<S> = S extends Statement<infer Row> ? Row : never

/** Builds the ledger's statements against the schema, and runs none: a column that is renamed no longer compiles. */
export const builder = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/** Compiles a query once. Its values must all be {@link Parameters}, and its literals written with `sql.lit`. */
export function prepared<Row>(name: string, query: Compilable<Row>): Statement<Row> {
  const { sql: text, parameters } = query.compile()
  if (parameters.length > 0)
    throw new Error(`the statement ${name} has ${parameters.length} values of its own`)
  return { name, text }
}

export type SqlType =
  | 'text'
  | 'uuid'
  | 'int4'
  | 'int8'
  | 'boolean'
  | 'date'
  | 'timestamptz'
  | 'bytea'
  | 'jsonb'

/** Numbers a statement's parameters in the order in which they are asked for, which is that of the values it is sent with. */
export class Parameters {
  #count = 0

  // `never` fits wherever a value is expected; what is sent in its place is up to the mapping of the column.
  value(type: SqlType | `${SqlType}[]`): RawBuilder<never> {
    this.#count += 1
    return sql.raw(`$${this.#count}::${type}`)
  }
}

export interface TypedColumn<Name extends string> {
  name: Name
  type: SqlType
}

/** Rows that are sent as one array for each column: `unnest($1::text[], $2::int8[]) alias(user_id, version)`. */
export function rowsOf<Row, Alias extends string>(
  alias: Alias,
  columns: readonly TypedColumn<keyof Row & string>[],
  parameters: Parameters,
): AliasedRawBuilder<Row, Alias> {
  const arrays = columns.map(({ type }) => parameters.value(`${type}[]`))
  const names = columns.map(({ name }) => sql.id(name))
  return sql<Row>`unnest(${sql.join(arrays)})`.as<Alias>(sql`${sql.id(alias)}(${sql.join(names)})`)
}

/** A parameter for each of these columns: what a `set` takes, or one row. */
export function valuesFor<Name extends string>(
  columns: readonly TypedColumn<Name>[],
  parameters: Parameters,
): Record<Name, RawBuilder<never>> {
  const entries = columns.map(({ name, type }) => [name, parameters.value(type)])
  return Object.fromEntries(entries) as Record<Name, RawBuilder<never>>
}

/** What a `set` takes from such rows, or from `excluded`: each of these columns from its namesake. */
export function columnsFrom<Name extends string>(
  alias: string,
  columns: readonly { name: Name }[],
): Record<Name, RawBuilder<never>> {
  const entries = columns.map(({ name }) => [name, sql.ref<never>(`${alias}.${name}`)])
  return Object.fromEntries(entries) as Record<Name, RawBuilder<never>>
}

export function namesOf<Name extends string>(columns: readonly { name: Name }[]): Name[] {
  return columns.map(({ name }) => name)
}
