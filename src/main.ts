import { Command, CommanderError } from 'commander';
import { EXIT, createOutput, reportError } from './cli/output.js';
import type { Output } from './cli/output.js';
import { VERSION } from './version.js';

/**
 * The command line. Each command is a file in `cli/`, loaded only when it is asked
 * for, so that `trunkline config check` does not wait for speech models.
 */
type Action = (output: Output) => Promise<number>;

/** For commands that ask a running server. */
function ofServer(command: Command): Command {
  return command.option('--url <url>', 'server (default: api.address and api.port of the configuration)').option('-c, --config <file>', 'configuration file');
}

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
    .option('--keep', 'leave the server and the customers running and say how to call them')
    .option('--sip-port <port>', 'with --keep; 0: the system chooses', '5060')
    .option('--api-port <port>', 'with --keep; 0: the system chooses', '8080')
    .option('--out <dir>', 'where recordings and results go', 'demo-output')
    .option('--lang <language>', 'en or zh', 'en')
    .action((options: { keep?: boolean; out: string; lang: string; sipPort: string; apiPort: string }) => run(async (output) => (await import('./cli/demo.js')).demo(output, options)));

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
      .option('--group <name...>', 'default, test, optional or zh')
      .option('--language <tag>', 'the default models and those of a language: en or zh')
      .option('--dir <dir>', 'model cache')
      .action((names: string[], options: { group?: string[]; language?: string; dir?: string }) => run(async (output) => (await import('./cli/models.js')).models(output, verb, names, options)));
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
    .description('trunks, with their states and figures of the last hour if the server runs')
    .option('-c, --config <file>', 'configuration file')
    .option('--url <url>', 'server (default: api.address and api.port of the configuration)')
    .action((options: { config?: string; url?: string }) => run(async (output) => (await import('./cli/trunk.js')).list(output, options)));
  trunk
    .command('test <name>')
    .description('try names, OPTIONS and credentials of a trunk, and say what came back')
    .option('-c, --config <file>', 'configuration file')
    .action((name: string, options: { config?: string }) => run(async (output) => (await import('./cli/trunk.js')).test(output, name, options)));

  const contacts = root.command('contacts').description('people to be called');
  ofServer(
    contacts
      .command('import <file>')
      .description('import a CSV or NDJSON file into a running server; exit code 1 if rows were refused')
      .option('--map <header=field...>', 'what a column becomes: number, attribute:score:number, consent:marketing, ignore, ...')
      .option('--dry-run', 'say the same, and save nothing')
      .option('--default-country <code>', 'of numbers without a country code, e.g. CN')
      .option('--merge <rule>', 'who is known already: update (default), keep or refuse')
      .option('--format <name>', 'csv or ndjson (default: by the name of the file)')
      .option('--encoding <name>', 'default: detected')
      .option('--delimiter <char>', 'default: detected')
      .option('--tag <tag...>', 'given to every contact'),
  ).action((file: string, options: Record<string, never>) => run(async (output) => (await import('./cli/contacts.js')).importFile(output, file, options)));
  const campaign = root.command('campaign').description('campaigns of a running server');
  ofServer(
    campaign.command('create <file>').description('make a draft of a campaign file; nothing is called before it is started').option('--audience <id...>', 'whom it calls, instead of the audiences in the file'),
  ).action((file: string, options: { url?: string; config?: string; audience?: string[] }) =>
    run(async (output) => (await import('./cli/campaign.js')).create(output, file, options)),
  );
  ofServer(campaign.command('list').description('campaigns with their states')).action((options: { url?: string; config?: string }) => run(async (output) => (await import('./cli/campaign.js')).list(output, options)));
  ofServer(campaign.command('show <id>').description('one campaign, and what has become of it so far')).action((id: string, options: { url?: string; config?: string }) => run(async (output) => (await import('./cli/campaign.js')).show(output, id, options)));
  ofServer(campaign.command('preview <id>').description('how many would be called now, who is kept back by which rule, and when it would be done')).action((id: string, options: { url?: string; config?: string }) =>
    run(async (output) => (await import('./cli/campaign.js')).preview(output, id, options)),
  );
  const moves = { start: 'start it', pause: 'dial nothing of it until it is resumed', resume: 'go on', stop: 'end it for good' } as const;
  for (const [verb, text] of Object.entries(moves) as [keyof typeof moves, string][]) {
    ofServer(campaign.command(`${verb} <id>`).description(text).option('--revision <n>', 'only if it is as you have seen it')).action((id: string, options: { url?: string; config?: string; revision?: string }) =>
      run(async (output) => (await import('./cli/campaign.js')).move(output, verb, id, options)),
    );
  }
  ofServer(campaign.command('watch <id>').description('show how it goes, until it is over')).action((id: string, options: { url?: string; config?: string }) => run(async (output) => (await import('./cli/campaign-watch.js')).watch(output, id, options)));

  ofServer(
    root
      .command('results')
      .description('what came of the calls')
      .command('export')
      .description('write the results of a running server as CSV or NDJSON')
      .option('--out <file>', 'file to write (default: standard output)')
      .option('--format <name>', 'csv or ndjson (default: by the name of the file, else csv)')
      .option('--campaign <id>', 'of one campaign only')
      .option('--flow <id>', 'of one flow only')
      .option('--disposition <name>', 'answered_human, busy, no_answer, ...')
      .option('--verdict <kind>', 'end, follow_up, redial_at, ...')
      .option('--cursor <cursor>', 'from there on'),
  ).action((options: Record<string, never>) => run(async (output) => (await import('./cli/results.js')).exportResults(output, options)));

  const audience = root.command('audience').description('choices of contacts, by a filter such as: credit_score >= 720 and city = "Shanghai"');
  ofServer(audience.command('create <name> <filter>').description('save a choice of contacts; prints its id')).action((name: string, filter: string, options: Record<string, never>) =>
    run(async (output) => (await import('./cli/audience.js')).create(output, name, filter, options)),
  );
  ofServer(audience.command('list').description('all audiences')).action((options: Record<string, never>) => run(async (output) => (await import('./cli/audience.js')).list(output, options)));
  ofServer(audience.command('preview <id|filter>').description('how many are in it, and some of them')).action((what: string, options: Record<string, never>) =>
    run(async (output) => (await import('./cli/audience.js')).preview(output, what, options)),
  );

  const suppressions = root.command('suppressions').description('who must not be called');
  ofServer(
    suppressions
      .command('import <file>')
      .description('import a list of numbers, one a line or CSV, into a running server; exit code 1 if lines were refused')
      .option('--default-country <code>', 'of numbers without a country code, e.g. US')
      .option('--source <name>', 'name of the list (default: import)')
      .option('--scope <id>', 'a campaign (default: all)')
      .option('--expires <time>', 'in RFC 3339 (default: never)'),
  ).action((file: string, options: Record<string, never>) => run(async (output) => (await import('./cli/suppressions.js')).importList(output, file, options)));

  const bans = root.command('bans').description('SIP sources that a running server does not hear for a while');
  ofServer(bans.command('list').description('who is banned, why and until when')).action((options: { url?: string; config?: string }) => run(async (output) => (await import('./cli/bans.js')).list(output, options)));
  ofServer(bans.command('lift <source>').description('hear a source again')).action((source: string, options: { url?: string; config?: string }) => run(async (output) => (await import('./cli/bans.js')).lift(output, source, options)));

  const compliance = root.command('compliance').description('the hash-chained log of why each call was made');
  compliance
    .command('verify')
    .description('walk the log and name the first entry that is broken')
    .option('--noted <head>', 'a head that verify printed before: the log must have passed it')
    .option('-c, --config <file>', 'configuration file')
    .action((options: { noted?: string; config?: string }) => run(async (output) => (await import('./cli/compliance.js')).verify(output, options)));
  compliance
    .command('export')
    .description('print the log as NDJSON')
    .option('--call <id>', 'of one call only')
    .option('--number <number>', 'of one number only: E.164, or a SIP URI')
    .option('-c, --config <file>', 'configuration file')
    .action((options: { call?: string; number?: string; config?: string }) => run(async (output) => (await import('./cli/compliance.js')).exportLog(output, options)));

  ofServer(
    root
      .command('trace <call>')
      .description('SIP messages of a live or lately ended call: by id of the call, task or result, or Call-ID')
      .option('--pcap <file>', 'write a capture file for Wireshark instead'),
  ).action((call: string, options: { pcap?: string; url?: string; config?: string }) => run(async (output) => (await import('./cli/trace.js')).trace(output, call, options)));

  root
    .command('recording <name>')
    .description('write a recording as a WAV file: by the id of its call, or its name in the result')
    .requiredOption('--out <file>', 'WAV file to write')
    .option('-c, --config <file>', 'configuration file')
    .action((name: string, options: { out: string; config?: string }) => run(async (output) => (await import('./cli/recording.js')).recording(output, name, options)));

  root
    .command('config')
    .command('check [file]')
    .description('check a configuration file')
    .action((file: string | undefined) => run(async (output) => (await import('./cli/admin.js')).configCheck(output, file)));
  const db = root.command('db').description('the store: SQLite or PostgreSQL');
  db.command('migrate')
    .description('bring the store to the present version')
    .option('-c, --config <file>', 'configuration file')
    .action((options: { config?: string }) => run(async (output) => (await import('./cli/admin.js')).migrate(output, options)));
  db.command('backup <file>')
    .description('write everything in the store to a file, while the server runs; packed if the name ends with .gz')
    .option('-c, --config <file>', 'configuration file')
    .action((file: string, options: { config?: string }) => run(async (output) => (await import('./cli/db.js')).backup(output, file, options)));
  db.command('restore <file>')
    .description('read a backup into an empty store, of SQLite or PostgreSQL')
    .option('-c, --config <file>', 'configuration file')
    .action((file: string, options: { config?: string }) => run(async (output) => (await import('./cli/db.js')).restore(output, file, options)));
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
    .option('--language <tag>', 'the ear or mouth of this configured language; default is speech.language')
    .option('-c, --config <file>', 'configuration file: its speech section says which models')
    .option('--tls-cert <file>', 'certificate; needed unless the address is loopback or a unix socket')
    .option('--tls-key <file>', 'its private key')
    .option('--tls-ca <file>', 'authority that clients must show a certificate of; needed as well, or --open')
    .option('--open', 'serve clients without a certificate, whoever can reach the address')
    .action((kind: string, options: { listen: string; config?: string; language?: string; tlsCert?: string; tlsKey?: string; tlsCa?: string; open?: boolean }) => run(async (output) => (await import('./cli/worker.js')).worker(output, kind, options)));

  root
    .command('speak <what>')
    .description('render speech to 8 kHz WAV files: a JSON list of {text, out, pitch}, or with --out one sentence')
    .option('--out <file>', 'WAV file; <what> is then the sentence itself')
    .option('--language <tag>', 'language of the sentences, e.g. zh')
    .option('--voice <name>', "voice; default is the language's own")
    .option('--dir <dir>', 'model cache')
    .action((what: string, options: { out?: string; language?: string; voice?: string; dir?: string }) => run(async (output) => (await import('./cli/speak.js')).speak(output, what, options)));

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
