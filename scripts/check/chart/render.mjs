// The real helm over the chart, or a copy of it.
import { spawnSync } from 'node:child_process'
import { parseAllDocuments } from 'yaml'
import { allValues, chart } from './cases.mjs'
import { helm } from './helm.mjs'

/** What comes of a case, hooks and notes included: `{ objects, notes, values, isKnown }`. @throws with what helm says */
export function render({ values, release = 'tollgate', beside = [] }, folder = chart) {
  const args = ['install', release, folder, '--namespace', 'billing', '--dry-run=client', '--output', 'json']
  const { manifest, hooks = [], info } = JSON.parse(run(args, values))
  const texts = [manifest, ...hooks.map((hook) => hook.manifest)]
  const objects = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS()))
  const all = allValues(values)
  return {
    objects: [...objects.filter((object) => object !== null), ...beside],
    notes: info.notes,
    values: all,
    isKnown: (secret) => Object.values(all).some((value) => value?.existingSecret === secret),
  }
}

/** @throws with what helm says */
export function lint({ values }) {
  run(['lint', '--strict', chart], values)
}

function run(args, values) {
  const { status, stdout, stderr, error } = spawnSync(helm(), [...args, '--values', '-'], {
    encoding: 'utf8',
    input: JSON.stringify(values),
  })
  if (error) throw error
  if (status !== 0) throw new Error(`helm ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}
