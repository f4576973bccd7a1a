import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec'
import { parse, parseAllDocuments } from 'yaml'
import { CASES, type ChartCase, chart } from './cases'
import { helm } from './helm'

/** A Kubernetes object, as far as all kinds are alike; its `spec` and `data` have the types that the reader expects. */
export interface KubernetesObject<Spec = unknown> {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Labels; annotations?: Labels }
  spec: Spec
  data: Record<string, string>
  stringData?: Record<string, string>
}

export type Labels = Record<string, string>

/** What helm makes of a case, hooks and notes included. */
export interface Rendered {
  name: string
  objects: KubernetesObject[]
  notes: string
  values: ChartValues
}

/** The values that tests compare with, and parts of others by name. */
export interface ChartValues extends Record<string, unknown> {
  deferral: { enabled: boolean; persistent: boolean }
  networkPolicy: {
    enabled: boolean
    databaseTo: object[]
    databasePort: number
    webTo: object[]
    sentryPort: number
    grpcFrom: object[]
    metricsFrom: object[]
    extraEgress: object[]
  }
  database: { existingSecret: string; url: string }
  sentry: { existingSecret: string }
  config: Record<string, string>
  extraEnv: { name: string }[]
  minReadySeconds: number
  serviceAccount: { existingName: string }
  serviceMonitor: { enabled: boolean }
  prometheusRule: { enabled: boolean; runbooksUrl: string; labels: Labels }
  dashboards: { enabled: boolean; labels: Labels | null }
}

/** @throws with what helm says */
export function render({ name, values, release = 'tollgate', beside = [] }: ChartCase): Rendered {
  const args = ['install', release, chart, '--namespace', 'billing', '--dry-run=client', '--output', 'json']
  const {
    manifest,
    hooks = [],
    info,
  } = JSON.parse(helm(args, values)) as {
    manifest: string
    hooks?: { manifest: string }[]
    info: { notes: string }
  }
  const objects = [manifest, ...hooks.map((hook) => hook.manifest)]
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS()))
    .filter((object) => object !== null)
  const own = parse(readFileSync(join(chart, 'values.yaml'), 'utf8'))
  return { name, objects: [...objects, ...beside], notes: info.notes, values: merged(own, values) }
}

/** Every case, rendered. */
export const renderAll = (): Rendered[] => CASES.map(render)

/** The objects of a kind. */
export function all<Spec>({ objects }: Rendered, kind: string): KubernetesObject<Spec>[] {
  return objects.filter((object) => object.kind === kind) as KubernetesObject<Spec>[]
}

export function has({ objects }: Rendered, kind: string, name: string): boolean {
  return objects.some((object) => object.kind === kind && object.metadata.name === name)
}

export interface Workload {
  replicas?: number
  minReadySeconds: number
  serviceName?: string
  selector: { matchLabels: Labels }
  template: { metadata: { labels: Labels }; spec: IPodSpec }
  volumeClaimTemplates?: { metadata: { name: string } }[]
  persistentVolumeClaimRetentionPolicy?: { whenDeleted: string; whenScaled: string }
}

/** The workload that runs the servers. */
export function serverOf(rendered: Rendered): KubernetesObject<Workload> {
  const [server] = [...all<Workload>(rendered, 'StatefulSet'), ...all<Workload>(rendered, 'Deployment')]
  if (server === undefined) throw new Error('there is no StatefulSet and no Deployment')
  return server
}

export function serverContainer(rendered: Rendered): IPodSpec['containers'][number] {
  return containerOf(serverOf(rendered).spec.template.spec)
}

export function containerOf({ containers: [container] }: IPodSpec): IPodSpec['containers'][number] {
  if (container === undefined) throw new Error('the pod has no container')
  return container
}

/** The servers' variables from the ConfigMap. */
export function settingsOf(rendered: Rendered): Record<string, string> {
  const map = all(rendered, 'ConfigMap').find(({ data }) => data['TOLLGATE_GRPC_PORT'] !== undefined)
  if (map === undefined) throw new Error('no ConfigMap sets TOLLGATE_GRPC_PORT')
  return map.data
}

export interface Pod {
  /** `Job tollgate-migrate` */
  name: string
  labels: Labels
  spec: IPodSpec
}

/** Templates of pods, and pods themselves. */
export function podsOf({ objects }: Rendered): Pod[] {
  return objects.flatMap((object) => {
    const { metadata, spec } = (
      object.kind === 'Pod' ? object : ((object.spec as { template?: object } | undefined)?.template ?? {})
    ) as { metadata?: { labels?: Labels }; spec?: IPodSpec }
    const name = `${object.kind} ${object.metadata.name}`
    return spec?.containers === undefined ? [] : [{ name, labels: metadata?.labels ?? {}, spec }]
  })
}

export function matches(wanted: Labels, labels: Labels = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
}

function merged<T>(under: T, over: unknown): T {
  if (over === undefined) return under
  if (!isMap(under) || !isMap(over)) return over as T
  const keys = new Set([...Object.keys(under), ...Object.keys(over)])
  return Object.fromEntries([...keys].map((key) => [key, merged(under[key], over[key])])) as T
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
