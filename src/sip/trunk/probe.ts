import type { TrunkSettings } from '../../config/trunk-schema.js';
import { TrunklineError, asTrunklineError } from '../../kernel/errors.js';
import type { Dns, Target } from './resolve.js';
import { TargetResolver } from './resolve.js';
import { ping, serves } from './keep-alive.js';
import { RegisterExchange, registerFailure } from './register-exchange.js';
import type { RegisterAnswer, RegisterParts } from './register-exchange.js';
import { labelOf } from './target-uri.js';

export interface ProbeStep {
  readonly step: 'resolve' | 'options' | 'challenge' | 'credentials' | 'register';
  /** Name or `host:port` that it was about. */
  readonly target: string;
  readonly ok: boolean;
  /** What came back, in plain words. */
  readonly answer: string;
  readonly ms: number;
  /** Where it failed. */
  readonly code?: string;
}

export interface ProbeReport {
  readonly trunk: string;
  readonly ok: boolean;
  readonly steps: readonly ProbeStep[];
  /** What is wrong with the trunk, most telling first. */
  readonly problem?: ReturnType<TrunklineError['toJSON']>;
}

export interface ProbeParts extends RegisterParts {
  readonly dns: Dns;
}

/**
 * Tries a trunk step by step and changes nothing there: names, OPTIONS to each place,
 * then a REGISTER that only asks for the present bindings, which shows whether the
 * credentials are right. Never rejects.
 */
export async function probeTrunk(parts: ProbeParts, settings: TrunkSettings, onStep: (step: ProbeStep) => void = () => undefined): Promise<ProbeReport> {
  const steps: ProbeStep[] = [];
  const problems: TrunklineError[] = [];
  const run = async (step: ProbeStep['step'], target: string, work: () => Promise<string>): Promise<boolean> => {
    const since = parts.clock.monotonic();
    let done: Omit<ProbeStep, 'ms'>;
    try {
      done = { step, target, ok: true, answer: await work() };
    } catch (thrown) {
      const error = asTrunklineError(thrown);
      problems.push(error);
      done = { step, target, ok: false, answer: error.message, code: error.code };
    }
    const finished = { ...done, ms: Math.round(parts.clock.monotonic() - since) };
    steps.push(finished);
    onStep(finished);
    return done.ok;
  };

  const targets = await resolveAll(parts, settings, run);
  const alive: Target[] = [];
  for (const target of targets) {
    const ok = await run('options', labelOf(target), async () => {
      const status = await ping(parts, settings, target);
      if (!serves(status)) throw new TrunklineError('TRK_TRUNK_REFUSED', { params: { trunk: settings.name, status } });
      return String(status);
    });
    if (ok) alive.push(target);
  }
  let registered = true;
  if (settings.username !== undefined) {
    // A place may ignore OPTIONS of strangers and still register them.
    const [target] = [...alive, ...targets];
    if (target !== undefined) registered = await register(parts, settings, target, run);
  }
  // One place that lives is enough for calls; credentials must be right at any rate.
  const reached = steps.some(({ step, ok }) => ok && step !== 'resolve');
  const ok = reached && registered;
  const problem = problems.find(({ code }) => code === 'TRK_TRUNK_CREDENTIALS') ?? problems[0];
  return { trunk: settings.name, ok, steps, ...(ok || problem === undefined ? {} : { problem: problem.toJSON() }) };
}

type Run = (step: ProbeStep['step'], target: string, work: () => Promise<string>) => Promise<boolean>;

async function resolveAll(parts: ProbeParts, settings: TrunkSettings, run: Run): Promise<Target[]> {
  const resolver = new TargetResolver(parts);
  const targets: Target[] = [];
  for (const address of settings.addresses) {
    await run('resolve', address.host, async () => {
      const found = await resolver.resolve(address);
      targets.push(...found);
      return found.map(labelOf).join(', ');
    });
  }
  return targets;
}

/** One REGISTER, told in three steps: what was asked for, whether ours was right, and what came of it. */
async function register(parts: ProbeParts, settings: TrunkSettings, target: Target, run: Run): Promise<boolean> {
  const label = labelOf(target);
  const answer = { of: undefined as RegisterAnswer | undefined };
  const asked = await run('challenge', label, async () => {
    try {
      answer.of = await new RegisterExchange(parts, settings).send(target, undefined);
    } catch (error) {
      throw registerFailure(settings.name, error);
    }
    if (answer.of.unsupported !== undefined) throw registerFailure(settings.name, answer.of);
    const { challenge } = answer.of;
    if (challenge === undefined) return 'none';
    const others = challenge.offered.filter((algorithm) => algorithm !== challenge.algorithm);
    return `digest ${challenge.algorithm}, realm ${challenge.realm}${others.length === 0 ? '' : `; not taken: ${others.join(', ')}`}`;
  });
  const { of: found } = answer;
  if (!asked || found === undefined) return false;
  if (found.challenge !== undefined) {
    const right = await run('credentials', label, () => (found.wrongCredentials ? Promise.reject(registerFailure(settings.name, found)) : Promise.resolve(`right, as ${settings.username ?? ''}`)));
    if (!right) return false;
  }
  return await run('register', label, async () => outcome(settings, found));
}

function outcome(settings: TrunkSettings, answer: RegisterAnswer): string {
  const seen = answer.seen.join(', then ');
  if (answer.status >= 200 && answer.status < 300) return answer.authorized ? `${seen}: the credentials are right` : `${seen}: no credentials were asked for`;
  // RFC 3261 21.4.6 and 21.5.2: digest may be for calls only, where nobody has to register.
  if (!settings.register.enabled && [404, 405, 501].includes(answer.status)) return `${seen}: takes no registrations, so only a call can show whether the credentials are right`;
  throw registerFailure(settings.name, answer);
}
