import { blocksOf } from './pageBlocks'

/** The commands of a page, each as its words: a program, and what it is given. */
export interface PageCommands {
  /** In blocks that are run. */
  run: string[][]
  /** In all other blocks, and in the text. */
  shown: string[][]
}

/** Languages of blocks that hold no commands. */
const NO_SHELL = ['text', 'json', 'yaml', 'ts', 'sql']
/** What stands in the text with one of these in front is a command. */
const PROGRAMS = ['tollgate', 'npm', 'buf', 'psql', 'pg_dump', 'docker', 'kubectl', 'helm']

export function commandsOf(page: string): PageCommands {
  const fences = [...page.matchAll(/^ *```(\S*)(.*)\n([\s\S]*?)^ *```$/gm)]
  const blocks = fences.flatMap(([, language = '', info = '', block = '']) =>
    /^ run\b/.test(info) || NO_SHELL.includes(language) ? [] : [block],
  )
  const indented = page.match(/^ {4}tollgate .*$/gm) ?? []
  const text = fences.reduce((rest, [fence]) => rest.replace(fence, ''), page)
  const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.replaceAll(/\s+/g, ' '))
  const isCommand = ([program = '', ...rest]: string[]) => PROGRAMS.includes(program) && rest.length > 0
  return {
    run: blocksOf(page).flatMap((block) => simpleCommands(block.text)),
    shown: [
      ...[...blocks, ...indented].flatMap(simpleCommands),
      ...spans.flatMap(simpleCommands).filter(isCommand),
    ],
  }
}

/** Of a script, as a shell takes it apart, without redirections and <placeholders>: well enough for what pages have. */
function simpleCommands(script: string): string[][] {
  return script
    .replaceAll('\\\n', ' ')
    .replaceAll(/(^|\s)#.*$/gm, '')
    .replaceAll(/'[^']*'/g, (quoted) => quoted.replaceAll(/[\s|&;()`]/g, '_'))
    .replaceAll(/\d?[<>]+&?\s*\S+/g, '')
    .split(/[\n|&;()`]/)
    .map((command) => withoutWrapping(command.split(/\s+/).filter((word) => word !== '')))
    .filter(([name = '']) => /^[\w.-]+$/.test(name))
}

/** Without keywords, variables and `npx` in front of it; of what a container is to run, that. */
function withoutWrapping(words: string[]): string[] {
  const from = words.findIndex((word) => !/^(\w+=.*|until|while|if|then|do|else|npx|[!{}])$/.test(word))
  const command = from < 0 ? [] : words.slice(from)
  const inside = /^(?:docker|kubectl) .*\b(?:run|exec) .*\btollgate(?::\S+)? (\w.*)$/.exec(command.join(' '))
  return inside?.[1] === undefined ? command : ['tollgate', ...inside[1].split(' ')]
}
