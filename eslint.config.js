import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The arrows of ARCHITECTURE.md: a room may import only the rooms named here.
 * `ports` are the single files through which a neighbour may be seen.
 */
const rooms = {
  kernel: [],
  audio: ['kernel'],
  sdp: ['kernel'],
  recording: ['kernel'],
  config: ['kernel'],
  proto: ['kernel'],
  models: ['kernel'],
  sip: ['kernel', 'audio', 'sdp', 'config'],
  media: ['kernel', 'audio', 'sdp', 'config', 'sip/signalling'],
  speech: ['kernel', 'audio', 'config', 'proto', 'models'],
  workers: ['kernel', 'audio', 'config', 'proto', 'models'],
  store: ['kernel', 'config'],
  dialogue: ['kernel', 'audio', 'config', 'store/store', 'speech/ear', 'speech/mouth', 'speech/mind'],
  call: ['kernel', 'audio', 'sdp', 'config', 'sip/signalling', 'sip/trunk/trunks', 'sip/trace/trace', 'media/media-session', 'speech', 'store/store', 'store/recordings', 'dialogue'],
  outbound: ['kernel', 'config', 'store/store', 'store/task-states', 'store/nodes', 'store/event-payloads', 'store/campaigns', 'store/contacts', 'store/contact-filter', 'store/rules', 'store/outbox', 'store/dialing', 'store/recordings', 'dialogue', 'call/call-service'],
  followup: ['kernel', 'config', 'store/store', 'store/outbox', 'store/campaigns', 'store/statistics'],
  api: ['kernel', 'config', 'store/statistics', 'recording/vault', 'store/store', 'store/campaigns', 'store/contacts', 'store/contact-filter', 'store/rules', 'store/outbox', 'store/dialing', 'store/recordings', 'call/call-service', 'outbound', 'followup', 'dialogue', 'sip/trunk/trunks'],
  demo: ['kernel', 'audio', 'sdp'],
};

const every = Object.keys(rooms);

/** The one folder that may import a package; everybody else talks to it. */
const adapters = {
  'sip/drachtio': ['drachtio-srf'],
  'media/freeswitch': ['drachtio-fsmrf', 'drachtio-modesl'],
};

/** `folder`: a room, or the adapter in it that is told apart. */
function arrows(folder, room, allowed) {
  const forbidden = every.filter((other) => other !== room && !allowed.includes(other));
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...forbidden.map((other) => {
              const doors = allowed.filter((a) => a.startsWith(`${other}/`)).map((a) => a.slice(other.length + 1));
              const open = doors.length > 0 ? `(?!(?:${doors.join('|')})\\.js$)` : '';
              return { regex: `^(?:\\.\\./)+${other}/${open}`, message: `${room} may not import ${other} (see ARCHITECTURE.md, Rooms and arrows).` };
            }),
            { regex: '^(?:\\.\\./)+(?:server|main)\\.js$', message: 'Only the composition root sees the server.' },
            ...Object.entries(adapters)
              .filter(([adapter]) => adapter !== folder)
              .map(([adapter, group]) => ({ group, message: `Only src/${adapter} imports ${group[0]}.` })),
          ],
        },
      ],
    },
  };
}

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'node_modules/', '.tap/', 'demo-output/', 'data/'] },
  js.configs.recommended,
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly', setTimeout: 'readonly', fetch: 'readonly', AbortSignal: 'readonly' } } },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A method of an asynchronous port may have nothing to wait for: `async` turns its throw into a rejection.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'max-lines': ['error', 600],
    },
  },
  {
    // Time and chance come in by argument (kernel/clock.ts, kernel/random.ts).
    files: ['src/**/*.ts'],
    ignores: ['src/kernel/clock.ts'],
    rules: {
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
        { object: 'performance', property: 'now' },
        { object: 'AbortSignal', property: 'timeout' },
      ],
      'no-restricted-syntax': ['error', { selector: 'NewExpression[callee.name=Date][arguments.length=0]', message: 'Time comes in by argument.' }],
    },
  },
  ...Object.entries(rooms).map(([room, allowed]) => arrows(room, room, allowed)),
  // After their rooms: the last one counts.
  ...Object.keys(adapters).map((adapter) => arrows(adapter, adapter.split('/')[0], rooms[adapter.split('/')[0]])),
  {
    // Tests await callbacks and hold fakes of ports, whose methods need not await.
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off', '@typescript-eslint/no-floating-promises': 'off', 'no-restricted-globals': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    ignores: ['test/support/property.ts'],
    rules: { 'no-restricted-imports': ['error', { name: 'fast-check', message: 'Its seed comes from test/support/property.ts.' }] },
  },
);
