// The ladder of ARCHITECTURE.md, rung by rung: what each folder of src/ may import besides itself.
const rung0 = ['core', 'values'];
const rung1 = ['hessian', 'contract', 'discovery', 'resilience', 'comparison'];
const rung2 = ['serialization', 'framing'];
const rung3 = ['transport', 'balancing', 'protocol', 'mesh'];
const rung4 = ['client', 'server'];
// How one protocol looks on the wire. Above it, calls know it through framing/ and by its name in protocol/ alone.
const wire = ['bolt'];
const faces = ['compat', 'testing', 'telemetry'];

/** @type {Record<string, string[]>} */
const mayImport = {
  core: [],
  values: ['core'],
  hessian: ['core', 'values'],
  contract: ['core', 'values'],
  discovery: ['core'],
  resilience: ['core'],
  comparison: ['core', 'values'],
  serialization: ['core', 'values', 'hessian', 'contract'],
  framing: ['core', 'contract'],
  transport: ['core', 'framing'],
  balancing: ['core', 'transport'],
  bolt: ['core', 'contract', 'serialization', 'framing'],
  protocol: ['core', 'framing', ...wire],
  mesh: ['core', 'discovery', 'comparison', 'framing', 'transport', 'protocol'],
  client: [...rung0, ...rung1, ...rung2, ...rung3],
  server: [...rung0, ...rung1, ...rung2, 'transport', 'protocol', 'mesh'],
};
for (const face of faces) mayImport[face] = [...rung0, ...rung1, ...rung2, ...rung3, ...rung4];
// It has frames of its own.
mayImport.compat.push(...wire);

/** What each folder of packages/ may import of src/; it bundles that. @type {Record<string, string[]>} */
const packageMayImport = { cli: ['core', 'values', 'bolt', 'hessian', 'discovery'] };

const error = { severity: 'error' };
const ladder = Object.entries(mayImport).map(([folder, allowed]) => ({
  ...error,
  name: `ladder-${folder}`,
  comment: `${folder}/ may import ${allowed.join(', ') || 'nothing'} of src/`,
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
}));
const packageLadder = Object.entries(packageMayImport).map(([folder, allowed]) => ({
  ...error,
  name: `ladder-packages-${folder}`,
  comment: `packages/${folder}/ may import itself and ${allowed.join(', ')} of src/`,
  from: { path: `^packages/${folder}/` },
  to: { path: '^(src|packages)/', pathNot: `^(packages/${folder}/|src/(${allowed.join('|')})/)` },
}));

module.exports = {
  forbidden: [
    ...ladder,
    ...packageLadder,
    {
      ...error,
      name: 'sdk-without-packages',
      comment: 'the SDK knows nothing of what is built on it',
      from: { path: '^src/' },
      to: { path: '^packages/' },
    },
    {
      ...error,
      name: 'ladder-known-packages',
      comment: 'a new folder of packages/ gets its line in this file first',
      from: { path: '^packages/', pathNot: `^packages/(${Object.keys(packageMayImport).join('|')})/` },
      to: {},
    },
    {
      ...error,
      name: 'ladder-index',
      comment: 'the faces for users never import each other',
      from: { path: '^src/index\\.ts$' },
      to: { path: `^src/(${faces.join('|')})/` },
    },
    {
      ...error,
      name: 'ladder-known-folders',
      comment: 'a new folder of src/ gets its rung in this file first',
      from: { path: '^src/', pathNot: `^src/(index\\.ts$|(${Object.keys(mayImport).join('|')})/)` },
      to: {},
    },
    {
      ...error,
      name: 'no-import-of-index',
      comment: 'inside src/, import from the file that owns the thing',
      from: { path: '^src/' },
      to: { path: '^src/index\\.ts$' },
    },
    { ...error, name: 'no-cycle', from: {}, to: { circular: true } },
    { ...error, name: 'no-unresolved', from: {}, to: { couldNotResolve: true } },
    {
      ...error,
      name: 'no-development-dependency',
      from: { path: '^(src|packages/[^/]+/src)/' },
      // An optional peer is installed for development, too.
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      ...error,
      name: 'node-zookeeper-client-in-its-adapter-only',
      from: { path: '^src/', pathNot: '^src/discovery/zookeeper/adapter\\.ts$' },
      to: { path: 'node_modules/node-zookeeper-client/' },
    },
    {
      ...error,
      name: 'protobufjs-in-serialization-only',
      from: { path: '^src/', pathNot: '^src/serialization/' },
      to: { path: 'node_modules/protobufjs/' },
    },
    {
      ...error,
      name: 'core-and-values-without-packages',
      from: { path: '^src/(core|values)/' },
      to: { dependencyTypes: ['npm', 'npm-optional', 'npm-peer'] },
    },
    {
      ...error,
      name: 'bytes-without-sockets',
      comment: 'what turns bytes into values knows no socket and no file',
      from: { path: '^src/(values|bolt|hessian|contract|framing|protocol)/' },
      to: {
        path: '^(net|tls|http|https|http2|dns|dgram|child_process|fs)(/promises)?$',
        dependencyTypes: ['core'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
  },
};
