import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CLIENT_VARIABLES, variableNames } from '../../src/config/environment'
import { packageRoot } from '../../src/packageRoot'
import { PAGES, readPage } from '../support/pageList'

/** The links of a page to files and headings that don't exist. */
function astray(page: string, text: string): string[] {
  return [...withoutBlocks(text).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => {
      const [file = '', anchor] = link.split('#')
      const path = join(dirname(page), file)
      if (file !== '' && !existsSync(join(packageRoot, path))) return true
      return anchor !== undefined && !anchorsOf(file === '' ? text : readPage(path)).includes(anchor)
    })
}

/** GitHub's anchor of a heading. */
function anchorsOf(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
}

test.each(PAGES)('every link of %s has a target', (page) => {
  expect(astray(page, readPage(page))).toEqual([])
})

test.each([
  ['[a](operator.md) [b](https://tollgate.example) [c](operator.md#upgrading) [d](#here)\n\n## Here', []],
  ['[a](nobody.md)', ['nobody.md']],
  ['[a](operator.md#downgrading)', ['operator.md#downgrading']],
  ['[a](#there)\n\n## Here\n\n```sh\n# there\n```\n', ['#there']],
])('%j', (text, links) => {
  expect(astray('docs/page.md', text)).toEqual(links)
})

/** Variables that name the programs of tests in other languages. */
const OF_TESTS = ['TOLLGATE_TEST_PYTHON', 'TOLLGATE_TEST_GO', 'TOLLGATE_TEST_GO_DRIVER']

/** What the plug-in for LiteLLM reads. */
function pluginVariables(): readonly string[] {
  const settings = join(packageRoot, 'clients/python/src/tollgate/litellm/settings.py')
  return readFileSync(settings, 'utf8').match(/\bTOLLGATE_[A-Z_]*[A-Z]\b/g) ?? []
}

test.each(PAGES)('every variable that %s names exists', (page) => {
  const known = [...variableNames, ...Object.values(CLIENT_VARIABLES), ...OF_TESTS, ...pluginVariables()]
  const named = readPage(page).match(/\bTOLLGATE_[A-Z_]*[A-Z]\b/g) ?? []
  // Pages name a group of variables by its prefix: TOLLGATE_TRIAL_…
  const isKnown = (name: string) => known.some((each) => `${each}_`.startsWith(`${name}_`))
  expect(named.filter((name) => !isKnown(name))).toEqual([])
})
