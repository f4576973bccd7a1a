import { blocksOf } from './pageBlocks'

/** The commands of a page, each as words: a program and its arguments. */
export interface PageCommands {
  /** In blocks that tests run. */
  run: string[][]
  /** In other blocks, and in the text. */
  shown: string[][]
}

/** Languages of blocks that hold no commands. */
const NO_SHELL = ['text', 'json', 'yaml', 'ts', 'sql']
/** Inline code that starts with one of these is a command. */
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

/** Splits a script as a shell does, without redirections and <placeholders>; good enough for the pages. */
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

/** Without leading keywords, variables and `npx`; of `docker run …`, the command in the container. */
function withoutWrapping(words: string[]): string[] {
  const from = words.findIndex((word) => !/^(\w+=.*|until|while|if|then|do|else|npx|[!{}])$/.test(word))
  const command = from < 0 ? [] : words.slice(from)
  const inside = /^(?:docker|kubectl) .*\b(?:run|exec) .*\btollgate(?::\S+)? (\w.*)$/.exec(command.join(' '))
  return inside?.[1] === undefined ? command : ['tollgate', ...inside[1].split(' ')]
}
