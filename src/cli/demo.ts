import { runDemo } from '../demo/run.js';
import { TrunklineError } from '../kernel/errors.js';
import { models } from './models.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';

/** Exit 0 only if all three customers were talked to and each has the right result. */
export async function demo(output: Output, options: { keep?: boolean; out: string; lang: string; sipPort: string; apiPort: string }): Promise<number> {
  const { lang } = options;
  if (lang !== 'en' && lang !== 'zh') throw new TrunklineError('TRK_USAGE', { params: { reason: `There is no demo in ${lang}; there is one in en and one in zh.` }, field: 'lang' });
  const [sipPort, apiPort] = [portFrom(options.sipPort, '--sip-port'), portFrom(options.apiPort, '--api-port')];
  // The set-up brings what English needs; what is there already costs nothing.
  if (lang === 'zh') await models({ ...output, json: false, out: () => undefined }, 'pull', [], { language: lang });
  const { right, results, summary } = await runDemo({ language: lang, directory: options.out, keep: options.keep === true, sipPort, apiPort, print: (text) => (output.json ? output.note(text) : output.out(text)) });
  if (output.json) output.out(JSON.stringify({ results, summary }));
  return right ? EXIT.ok : EXIT.failed;
}

function portFrom(text: string, field: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new TrunklineError('TRK_USAGE', { params: { reason: `${field} wants a port, 0 to 65535.` }, field });
  return port;
}
