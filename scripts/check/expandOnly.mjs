// What a statement of a migration may do while the previous release still runs on the same tables.

/**
 * Why a statement may not run beside the previous release; undefined = it may. A statement that isn't known to be harmless
 * is refused.
 *
 * @param {string} sql
 * @param {Set<string>} tables that the previous release has
 */
export function harmOf(sql, tables) {
  const statement = bare(sql)
  const [, created] = /^create table (?:if not exists )?([^\s(]+)/.exec(statement) ?? []
  if (created !== undefined) return tables.has(created) ? `there is a table ${created} already` : undefined
  const [, unique, place] =
    /^create (unique )?index (?:concurrently )?.*? on (?:only )?([^\s(]+)/.exec(statement) ?? []
  if (place !== undefined) return tables.has(place) ? harmOfIndex(statement, unique) : undefined
  const [, altered, actions] = /^alter table (?:if exists )?(?:only )?(\S+) (.*)$/.exec(statement) ?? []
  if (altered !== undefined) return tables.has(altered) ? harmOfActions(actions) : undefined
  const [, filled] = /^insert into ([^\s(]+)/.exec(statement) ?? []
  if (filled !== undefined)
    return tables.has(filled) ? 'the previous release does not expect these rows' : undefined
  if (/^comment on /.test(statement)) return undefined
  return 'it is not known to be harmless to the previous release'
}

/** Tables that a statement creates. */
export function tableMadeBy(sql) {
  return /^create table (?:if not exists )?([^\s(]+)/.exec(bare(sql))?.[1]
}

/** How many statements a text holds. */
export function statementsIn(sql) {
  return bare(sql)
    .split(';')
    .filter((part) => part.trim() !== '').length
}

function harmOfIndex(statement, unique) {
  if (unique !== undefined) return 'the previous release may write what the unique index refuses'
  // The operator of a large table can then create it beforehand, CONCURRENTLY.
  if (!statement.includes(' if not exists ')) return 'an index on a table that is in use needs IF NOT EXISTS'
  return undefined
}

function harmOfActions(actions) {
  for (const action of topLevel(actions)) {
    const problem = harmOfAction(action.trim())
    if (problem !== undefined) return `${problem}: ${action.trim()}`
  }
  return undefined
}

function harmOfAction(action) {
  const [, name, rest] = /^add (?:column )?(?:if not exists )?(\S+) (.*)$/.exec(action) ?? []
  if (name === undefined || /^(constraint|check|unique|primary|foreign|exclude)$/.test(name))
    return 'the previous release relies on what is there'
  if (/\b(unique|primary key|references|check|generated|exclude)\b/.test(rest))
    return 'the previous release may write what this refuses'
  const [, fallback] = /\bdefault (.*)$/.exec(rest) ?? []
  if (/\bnot null\b/.test(rest) && fallback === undefined)
    return 'the previous release writes no value for it'
  if (
    fallback !== undefined &&
    !/^(-?[\d.]+|''|'…'|true|false|now\(\)|null)(::\w+(\[\])?)?( not null)?$/.test(fallback)
  )
    return 'a default that is computed for each row rewrites the whole table'
  return undefined
}

/** In lower case, without comments and without the contents of quotes. */
function bare(sql) {
  return sql
    .replaceAll(/--.*$|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/gm, (part) => {
      if (!part.startsWith("'")) return ' '
      return part === "''" ? part : "'…'"
    })
    .replaceAll(/"|\bpublic\./g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase()
    .replace(/ ?;$/, '')
}

/** The parts between commas outside parentheses. */
function topLevel(text) {
  const parts = ['']
  let depth = 0
  for (const letter of text) {
    if (letter === '(') depth++
    if (letter === ')') depth--
    if (letter === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += letter
  }
  return parts
}
