import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { hashOfToken, isScope, isTokenName, parseTokens, TOKEN_NAME_RULE } from '../../rpc/server/auth'
import { SCOPES, type Scope } from '../../rpc/server/scopes'
import { SetupError } from '../../setupError'
import { note, print } from '../print'

interface CreateOptions {
  name: string
  scopes: readonly Scope[]
  file?: string
}

const TOKEN_BYTES = 32
const FILE_MODE = 0o600

const examples = `
Examples:
  $ tollgate token create --name gateway-eu --scopes gateway --file tokens
  $ tollgate token create --name finance --scopes read`

export function tokenCreateCommand(): Command {
  return new Command('create')
    .description('create a token: print it once, and add its hash to the tokens file')
    .requiredOption('--name <name>', 'whose it is, for people', nameOption)
    .requiredOption('--scopes <scopes>', `one or more of ${SCOPES.join(', ')}, with commas`, scopesOption)
    .option('--file <file>', 'tokens file to add it to; a server that uses it takes it over within seconds')
    .addHelpText('after', examples)
    .action(create)
}

/** Prints only the token to stdout, so that it can be piped to a secret store. */
function create({ name, scopes, file }: CreateOptions): void {
  const token = `tg_${randomBytes(TOKEN_BYTES).toString('base64url')}`
  const line = `${name} ${hashOfToken(token).toString('hex')} ${scopes.join(',')}`
  if (file !== undefined) addLine(file, line)
  note(file === undefined ? `For the tokens file:\n${line}\n` : `Added to ${file}:\n${line}\n`)
  note('The token, which is kept nowhere else:')
  print(token)
}

/** Reads the file first: a line appended to one without a line end would break both. */
function addLine(file: string, line: string): void {
  try {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    if (text.trim() !== '') parseTokens(`${text}\n${line}`, file)
    const begun = text === '' || text.endsWith('\n') ? '' : '\n'
    appendFileSync(file, `${begun}${line}\n`, { mode: FILE_MODE })
  } catch (error) {
    if (error instanceof SetupError) throw error
    throw new SetupError(`the token can't be added to ${file}: ${(error as Error).message}`)
  }
}

function nameOption(text: string): string {
  if (!isTokenName(text)) throw new InvalidArgumentError(`It ${TOKEN_NAME_RULE}.`)
  return text
}

function scopesOption(text: string): Scope[] {
  const scopes = text.split(',').map((scope) => scope.trim())
  if (!scopes.every(isScope)) throw new InvalidArgumentError(`There are ${SCOPES.join(', ')}.`)
  return scopes
}
