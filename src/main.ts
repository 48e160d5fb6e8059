import { Command, CommanderError } from 'commander';
import { EXIT, createOutput, reportError } from './cli/output.js';
import type { Output } from './cli/output.js';
import { VERSION } from './version.js';

/**
 * The command line. Each command is a file in `cli/`, loaded only when it is asked
 * for, so that `trunkline config check` does not wait for speech models.
 */
type Action = (output: Output) => Promise<number>;

function program(run: (action: Action) => Promise<void>): Command {
  const root = new Command('trunkline')
    .description('Self-hosted telephony media server for real-time voice bots and AI outbound calling')
    .version(VERSION)
    .option('--json', 'print results for machines')
    .exitOverride()
    .showHelpAfterError();

  root
    .command('serve')
    .description('run the server')
    .option('-c, --config <file>', 'configuration file (default: trunkline.yaml if it exists)')
    .action((options: { config?: string }) => run(async (output) => (await import('./cli/serve.js')).serve(output, options)));

  root
    .command('demo')
    .description('run the server against three simulated customers and show what happens')
    .option('--keep', 'leave the server running and say how to call it')
    .option('--out <dir>', 'where recordings and results go', 'demo-output')
    .action((options: { keep?: boolean; out: string }) => run(async (output) => (await import('./cli/demo.js')).demo(output, options)));

  root
    .command('call <to>')
    .description('place one call to a phone number or SIP URI and print the conversation')
    .requiredOption('-f, --flow <file>', 'flow file')
    .option('-c, --config <file>', 'configuration file')
    .option('--var <name=value...>', 'variables of the flow')
    .action((to: string, options: { flow: string; config?: string; var?: string[] }) => run(async (output) => (await import('./cli/call.js')).call(output, to, options)));

  const models = root.command('models').description('speech and language models');
  for (const verb of ['list', 'verify', 'pull'] as const) {
    const texts = { list: 'models with licence, size and origin', verify: 'check the sha256 of what is installed', pull: 'fetch what is missing' };
    models
      .command(`${verb} [names...]`)
      .description(texts[verb])
      .option('--group <name...>', 'default, test or optional')
      .option('--dir <dir>', 'model cache')
      .action((names: string[], options: { group?: string[]; dir?: string }) => run(async (output) => (await import('./cli/models.js')).models(output, verb, names, options)));
  }

  const flow = root.command('flow').description('flow files');
  flow
    .command('check <files...>')
    .description('find mistakes, with node and line')
    .action((files: string[]) => run(async (output) => (await import('./cli/flow.js')).check(output, files)));
  flow
    .command('chat <file>')
    .description('talk to a flow by text, no audio')
    .option('--var <name=value...>', 'variables of the flow')
    .action((file: string, options: { var?: string[] }) => run(async (output) => (await import('./cli/flow.js')).chat(output, file, options)));

  const trunk = root.command('trunk').description('ways to carriers, PBXs and proxies');
  trunk
    .command('list')
    .description('trunks of the configuration file and the store')
    .option('-c, --config <file>', 'configuration file')
    .action((options: { config?: string }) => run(async (output) => (await import('./cli/trunk.js')).list(output, options)));
  trunk
    .command('test <name>')
    .description('try names, OPTIONS and credentials of a trunk, and say what came back')
    .option('-c, --config <file>', 'configuration file')
    .action((name: string, options: { config?: string }) => run(async (output) => (await import('./cli/trunk.js')).test(output, name, options)));

  root
    .command('config')
    .command('check [file]')
    .description('check a configuration file')
    .action((file: string | undefined) => run(async (output) => (await import('./cli/admin.js')).configCheck(output, file)));
  root
    .command('db')
    .command('migrate')
    .description('bring the store to the present version')
    .option('-c, --config <file>', 'configuration file')
    .action((options: { config?: string }) => run(async (output) => (await import('./cli/admin.js')).migrate(output, options)));
  root
    .command('api-key')
    .command('create <name>')
    .description('create an API key; it is shown once')
    .option('--scope <scope...>', 'scopes', ['admin'])
    .option('-c, --config <file>', 'configuration file')
    .action((name: string, options: { scope: string[]; config?: string }) => run(async (output) => (await import('./cli/admin.js')).createKey(output, name, options)));

  root
    .command('worker <kind>')
    .description('run a speech worker (ear, mouth or mind) for servers on other hosts')
    .requiredOption('--listen <address>', 'host:port, or unix:PATH')
    .option('-c, --config <file>', 'configuration file: its speech section says which models')
    .option('--tls-cert <file>', 'certificate; needed unless the address is loopback or a unix socket')
    .option('--tls-key <file>', 'its private key')
    .option('--tls-ca <file>', 'authority that clients must show a certificate of')
    .action((kind: string, options: { listen: string; config?: string; tlsCert?: string; tlsKey?: string; tlsCa?: string }) => run(async (output) => (await import('./cli/worker.js')).worker(output, kind, options)));

  root
    .command('speak <file>')
    .description('render sentences to 8 kHz WAV files; the file is a JSON list of {text, out, pitch}')
    .option('--voice <name>', 'voice')
    .option('--dir <dir>', 'model cache')
    .action((file: string, options: { voice?: string; dir?: string }) => run(async (output) => (await import('./cli/speak.js')).speak(output, file, options)));

  return root;
}

async function main(): Promise<void> {
  const output = createOutput(process.argv.includes('--json'));
  let code: number = EXIT.ok;
  const root = program(async (action) => {
    try {
      code = await action(output);
    } catch (error) {
      code = reportError(output, error);
    }
  });
  try {
    await root.parseAsync(process.argv);
  } catch (error) {
    code = error instanceof CommanderError ? (error.exitCode === 0 ? EXIT.ok : EXIT.usage) : reportError(output, error);
  }
  process.exitCode = code;
}

await main();
