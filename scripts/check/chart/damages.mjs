// Damage to what the chart renders, each with the complaint that it must raise.
import { all, named, serverOf } from './find.mjs'

const pod = ({ objects }) => serverOf(objects).spec.template.spec
const container = (rendered) => pod(rendered).containers[0]
const job = ({ objects }) => all(objects, 'Job')[0]
const migrate = (rendered) => job(rendered).spec.template.spec.containers[0]
const settings = ({ objects }) => all(objects, 'ConfigMap').find(({ data }) => data.TOLLGATE_GRPC_PORT).data
const service = ({ objects }) => named(objects, 'Service', 'tollgate').spec
const headless = ({ objects }) => named(objects, 'Service', 'tollgate-pods')
const policy = ({ objects }, name = 'tollgate') => named(objects, 'NetworkPolicy', name)
const drop = ({ objects }, kind) => objects.splice(objects.indexOf(all(objects, kind)[0]), 1)
const secret = ({ objects }, ending) =>
  all(objects, 'Secret').find(({ metadata }) => metadata.name.endsWith(ending))
const testPod = ({ objects }) => all(objects, 'Pod')[0]

/** By case: what is damaged, and a part of what is said. */
export const DAMAGES = {
  'production.yaml': [
    [(all) => delete pod(all).securityContext.runAsNonRoot, 'may run as root'],
    [
      (all) => (job(all).spec.template.spec.securityContext.runAsUser = 0),
      'Job tollgate-migrate: may run as root',
    ],
    [(all) => delete pod(all).securityContext.seccompProfile, 'any system call is allowed'],
    [(all) => delete testPod(all).spec.automountServiceAccountToken, 'mounts a service account token'],
    [(all) => delete pod(all).enableServiceLinks, 'gets variables of services'],
    [(all) => delete container(all).securityContext.readOnlyRootFilesystem, 'can write to its root'],
    [(all) => delete migrate(all).securityContext.allowPrivilegeEscalation, 'may gain privileges'],
    [(all) => container(all).securityContext.capabilities.drop.pop(), 'has capabilities'],
    [(all) => container(all).volumeMounts.push({ name: 'data', mountPath: '/a' }), 'a volume mounted twice'],
    [(all) => (container(all).volumeMounts[1].subPath = 'tokens'), 'a secret that is not read again'],
    [(all) => delete container(all).volumeMounts[1].readOnly, 'a secret that can be written'],
    [(all) => (container(all).envFrom[0].configMapRef.name = 'x'), 'no ConfigMap x'],
    [(all) => (pod(all).volumes[0].secret.secretName = 'x'), 'no Secret x'],
    [(all) => (migrate(all).env[0].valueFrom.secretKeyRef.name = 'x'), 'Job tollgate-migrate: no Secret x'],
    [(all) => drop(all, 'ServiceAccount'), 'no ServiceAccount tollgate'],

    [(all) => drop(all, 'StatefulSet'), 'there is no StatefulSet and no Deployment'],
    [
      (all) => (container(all).livenessProbe.httpGet.path = '/readyz'),
      'probes ask for /healthz,/readyz,/readyz',
    ],
    [(all) => (container(all).startupProbe.httpGet.port = 'http'), 'a probe asks at what is no port'],
    [(all) => (container(all).readinessProbe.timeoutSeconds = 2), 'the readiness probe gives up before'],
    [(all) => delete serverOf(all.objects).spec.minReadySeconds, 'replicas follow too fast on each other'],
    [(all) => delete container(all).lifecycle, 'nothing tells how long it pauses and drains'],
    [(all) => (pod(all).terminationGracePeriodSeconds = 39), 'it pauses and drains for 30 s of 39'],
    [(all) => (serverOf(all.objects).kind = 'Deployment'), 'what is deferred needs a StatefulSet'],
    [(all) => (serverOf(all.objects).spec.volumeClaimTemplates = []), 'no claim for what is deferred'],
    [(all) => pod(all).volumes.push({ name: 'data', emptyDir: {} }), 'the data has two volumes or none'],
    [
      (all) => (serverOf(all.objects).spec.persistentVolumeClaimRetentionPolicy.whenScaled = 'Delete'),
      'volumes of the spool are not retained',
    ],

    [(all) => (service(all).selector.team = 'x'), 'Service selects no pod of the server'],
    [
      (all) =>
        (all.objects.find(({ kind }) => kind === 'PodDisruptionBudget').spec.selector.matchLabels.team = 'x'),
      'PodDisruptionBudget selects no pod of the server',
    ],
    [
      (all) => (testPod(all).metadata.labels['app.kubernetes.io/component'] = 'server'),
      'is taken for a server',
    ],
    [(all) => delete headless(all).spec.clusterIP, 'the pods have no names of their own'],
    [(all) => (serverOf(all.objects).spec.serviceName = 'tollgate'), 'the StatefulSet is of another service'],
    [(all) => (service(all).ports[0].targetPort = 'http'), 'Service tollgate leads to no port'],
    [
      (all) => service(all).ports.push({ name: 'metrics', port: 9464, targetPort: 'metrics' }),
      'metrics can be had from outside',
    ],
    [
      (all) => (testPod(all).spec.containers[0].args[1] = 'http://tollgate-pods:9464/healthz'),
      'asks nobody whether it is ready',
    ],
    [
      (all) => (testPod(all).spec.containers[0].args[2] = 'tollgate:9464'),
      'asks for gRPC where there is none',
    ],
    [
      (all) => (testPod(all).spec.containers[0].args[3] = 'plain'),
      'speaks plain to a server that speaks mutual',
    ],

    [
      (all) => (policy(all, 'tollgate-test').spec.podSelector.matchLabels.x = 'x'),
      'Pod tollgate-test has 0 policies',
    ],
    [(all) => policy(all).spec.policyTypes.pop(), 'its policy leaves a direction open'],
    [
      (all) => delete policy(all, 'tollgate-migrate').metadata.annotations['helm.sh/hook-weight'],
      'its policy comes too late',
    ],
    [(all) => (policy(all, 'tollgate-migrate').spec.ingress = [{}]), 'can be connected to'],
    [(all) => (policy(all).spec.ingress[1].ports[0].port = 9465), 'serves at other ports than it lets in'],
    [
      (all) => policy(all).spec.ingress[0].from.push({ podSelector: { matchLabels: {} } }),
      'lets in whom nobody named',
    ],
    [
      (all) => policy(all).spec.ingress[0].from.unshift({ ipBlock: { cidr: '0.0.0.0/0' } }),
      'lets in whom nobody named',
    ],
    [(all) => policy(all).spec.ingress[1].from.pop(), 'keeps helm test out'],
    [
      (all) => policy(all).spec.egress.shift(),
      'reaches 443/TCP,5432/TCP and needs 443/TCP,53/TCP,53/UDP,5432/TCP',
    ],
    [
      (all) => policy(all, 'tollgate-migrate').spec.egress.push({ ports: [{ port: 443 }] }),
      'reaches 443/TCP,53/TCP',
    ],
    [(all) => delete policy(all, 'tollgate-test').spec.egress[1].to, 'reaches places that nobody named'],

    [(all) => delete job(all).metadata.annotations, 'the migration is no hook'],
    [
      (all) => (job(all).spec.template.spec.serviceAccountName = 'tollgate'),
      'the migration needs what is not there yet',
    ],

    [(all) => drop(all, 'ServiceMonitor'), 'the ServiceMonitor is missing or unasked for'],
    [(all) => drop(all, 'PrometheusRule'), 'the PrometheusRule is missing or unasked for'],
    [
      (all) => delete headless(all).metadata.labels['app.kubernetes.io/component'],
      'the ServiceMonitor selects 0 services',
    ],
    [(all) => headless(all).spec.ports.pop(), 'the ServiceMonitor asks where there are no metrics'],
    [(all) => (rules(all)[0].annotations.runbook_url = 'x'), 'runbooks of TollgateLedgerDrift are elsewhere'],
    [(all) => rules(all).pop(), 'the rules are not those of files/alerts.yaml'],
    [
      (all) => delete dashboards(all).data['tollgate-money.json'],
      'the dashboards are not those of the chart',
    ],
    [
      (all) => delete dashboards(all).metadata.labels.grafana_dashboard,
      'sidecar does not find the dashboards',
    ],
    [(all) => (all.values.dashboards.enabled = false), 'there are dashboards that nobody asked for'],
    [(all) => (all.values.networkPolicy.enabled = false), 'there is a policy that nobody asked for'],

    [(all) => (settings(all).TOLLGATE_GRPC_PROT = '1'), 'there is no variable TOLLGATE_GRPC_PROT'],
    [(all) => (settings(all).TOLLGATE_DRAIN_GRACE_SECONDS = '3601'), 'TOLLGATE_DRAIN_GRACE_SECONDS'],
    [(all) => delete settings(all).TOLLGATE_TOKENS_FILE, 'set TOLLGATE_TOKENS_FILE'],
    [(all) => delete settings(all).TOLLGATE_TLS_KEY_FILE, 'TOLLGATE_TLS_KEY_FILE must be set together'],
    [(all) => container(all).env.shift(), 'StatefulSet tollgate: DATABASE_URL is not set'],
    [(all) => migrate(all).env.shift(), 'Job tollgate-migrate: DATABASE_URL is not set'],
    [
      (all) => (container(all).env[0] = { name: 'DATABASE_URL', value: 'postgres://a:b@c/d' }),
      'DATABASE_URL can be read by whoever reads the pod',
    ],
    [
      (all) => (settings(all).TOLLGATE_TOKENS_FILE = '/etc/tollgate/tokens/x'),
      'TOLLGATE_TOKENS_FILE is not mounted',
    ],
    [
      (all) => container(all).volumeMounts.pop(),
      'TOLLGATE_TLS_KEY_FILE,TOLLGATE_TLS_CLIENT_CA_FILE is not mounted',
    ],
    [(all) => (settings(all).TOLLGATE_DATA_DIR = '/tmp'), 'its data is on no volume'],
    [(all) => (settings(all).TOLLGATE_GRPC_PORT = '1'), 'gRPC is served at another port'],
    [(all) => (settings(all).TOLLGATE_METRICS_PORT = '1'), 'metrics are served at another port'],
    [(all) => delete settings(all).TOLLGATE_METRICS_HOST, 'nobody can connect'],
    [(all) => delete settings(all).TOLLGATE_MIGRATE, 'the server migrates, with an account that may not'],
  ],
  'everything on': [
    [(all) => (all.values.prometheusRule.labels = { team: 'x' }), 'the PrometheusRule lacks its labels'],
    [(all) => policy(all, 'billing-tollgate').spec.egress.pop(), "lacks the operator's own rules"],
  ],
  'docs/operator.md': [
    [
      (all) => (drain(all).volumes[0].persistentVolumeClaim.claimName = 'data-x-2'),
      'no replica has a claim data-x-2',
    ],
    [
      (all) => (drain(all).containers[0].volumeMounts[0].mountPath = '/data'),
      'a replica has data-tollgate-2 at /var/lib/tollgate',
    ],
    [(all) => drain(all).containers[0].env.pop(), 'Job drain-tollgate-2: DATABASE_URL is not set'],
  ],
  'trying-it-out.yaml': [
    [
      (all) => delete secret(all, '-database').metadata.annotations,
      'Secret tollgate-database comes after the migration',
    ],
    [
      (all) => (secret(all, '-database').metadata.annotations['helm.sh/hook-weight'] = '0'),
      'Secret tollgate-database comes after the migration',
    ],
    [
      (all) => (secret(all, '-database').metadata.annotations['helm.sh/hook'] = 'pre-install,pre-upgrade'),
      'Secret tollgate-database is not rolled back',
    ],
    [
      (all) => (secret(all, '-tokens').stringData.tokens = ''),
      'the generated token is one that the servers do not know',
    ],
    [(all) => (secret(all, '-token').stringData.token = 'tg_1'), 'the generated token can be guessed'],
    [
      (all) => pod(all).volumes.push({ name: 'x', secret: { secretName: 'tollgate-generated-token' } }),
      'the generated token is where a server can read it',
    ],
    [
      (all) => delete secret(all, '-token').metadata.annotations,
      'the generated token goes before it was read',
    ],
    [(all) => delete secret(all, '-tokens').metadata.annotations, 'the tokens go with the release'],
    [(all) => (all.notes = ''), 'nobody is told where the generated token is'],
    [(all) => (all.notes += secret(all, '-token').stringData.token), 'the notes show the generated token'],
  ],
  'without-deferral.yaml': [
    [(all) => (scaler(all).scaleTargetRef.kind = 'StatefulSet'), 'the autoscaler scales something else'],
    [
      (all) => (serverOf(all.objects).spec.replicas = 2),
      'the autoscaler and the chart both set the replicas',
    ],
    [
      (all) => (serverOf(all.objects).spec.volumeClaimTemplates = [{}]),
      'the autoscaler leaves volumes with charges behind',
    ],
  ],
}

const rules = ({ objects }) => all(objects, 'PrometheusRule')[0].spec.groups[0].rules
const dashboards = ({ objects }) =>
  all(objects, 'ConfigMap').find(({ metadata }) => metadata.name.endsWith('-dashboards'))
const drain = ({ objects }) => named(objects, 'Job', 'drain-tollgate-2').spec.template.spec
const scaler = ({ objects }) => all(objects, 'HorizontalPodAutoscaler')[0].spec
