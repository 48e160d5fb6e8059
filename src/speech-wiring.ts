import type { Config } from './config/schema.js';
import { languageFor, speechLanguages } from './config/speech-languages.js';
import type { LanguageSpeech } from './config/speech-languages.js';
import type { CompiledFlow } from './dialogue/dialogue.js';
import type { RenderedPrompts } from './call/speaker.js';
import type { Clock } from './kernel/clock.js';
import { TrunklineError, asTrunklineError } from './kernel/errors.js';
import { Lifetime } from './kernel/lifetime.js';
import type { Logger } from './kernel/log.js';
import type { Random } from './kernel/random.js';
import { EarClient } from './speech/ear-client.js';
import type { Ear } from './speech/ear.js';
import { fixedEndpoints, joinEndpoints } from './speech/endpoint.js';
import type { EndpointSource } from './speech/endpoint.js';
import { MindClient } from './speech/mind-client.js';
import type { Mind } from './speech/mind.js';
import { MouthClient } from './speech/mouth-client.js';
import type { Mouth } from './speech/mouth.js';
import { PromptCache } from './speech/prompt-cache.js';
import { VERSION } from './version.js';
import { voiceFingerprint, workerToRun } from './worker-keys.js';
import type { WorkerKind } from './worker-keys.js';
import { WorkerFleet } from './workers/worker-fleet.js';

/** What hears and speaks one language. */
export interface SpokenLanguage {
  readonly language: string;
  readonly ear: Ear;
  readonly mouth: Mouth;
}

/** Part of the composition root: finds the models, starts the workers, hands out the ports. */
export interface SpeechParts {
  /** For flows in this language. A language that is not configured gets that of `speech.language`, whose workers know what they can. */
  in(language: string): SpokenLanguage;
  /** Each configured language, that of `speech.language` first. */
  readonly languages: readonly SpokenLanguage[];
  /** Undefined while `speech.mind.workers` is 0 and no target is named. */
  readonly mind: Mind | undefined;
  /** Which models serve a language, for results. */
  models(language: string): Readonly<Record<string, string>>;
  render(flow: CompiledFlow, onProgress?: (fraction: number) => void): Promise<RenderedPrompts>;
  close(): Promise<void>;
}

export interface SpeechWiring {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Rendered prompts, kept between runs. */
  readonly promptDir: string;
}

/** What all kinds of workers need to be found and started. */
interface Shop {
  readonly wiring: SpeechWiring;
  readonly lifetime: Lifetime;
}

/** Chinese models take ten seconds of CPU to load; a busy machine gives them few. One that cannot start ends by itself, long before. */
const WORKER_START_MS = 180_000;

interface Spoken extends SpokenLanguage {
  readonly models: Readonly<Record<string, string>>;
  readonly prompts: PromptCache;
}

/** TRK_MODEL_MISSING, TRK_MODEL_CORRUPT, TRK_MODEL_ENVIRONMENT, TRK_WORKER_START. What was started before the failure is closed. */
export async function startSpeech(wiring: SpeechWiring): Promise<SpeechParts> {
  const shop = openShop(wiring);
  const { lifetime } = shop;
  try {
    const minding = startMind(shop);
    const speaking = speechLanguages(wiring.config.speech).map((language) => startLanguage(shop, language));
    // One that fails must not close the shop while another still starts children: nobody would end those.
    await Promise.allSettled([minding, ...speaking]);
    const mind = await minding;
    const languages = await Promise.all(speaking);
    const spokenIn = (tag: string): Spoken => languageFor(languages, tag) ?? languages[0]!;
    return {
      in: spokenIn,
      languages,
      mind: mind?.port,
      models: (language) => ({ ...spokenIn(language).models, ...(mind ? { mind: mind.model } : {}) }),
      async render(flow, onProgress) {
        const { prompts, language } = spokenIn(flow.language);
        const how = { language: flow.language === '' ? language : flow.language, ...(flow.voice === undefined ? {} : { voice: flow.voice }) };
        await prompts.prepare(flow.fixedTexts, { ...how, ...(onProgress ? { onProgress: (done: number, total: number) => onProgress(done / total) } : {}) });
        if (mind) void warm(mind.port, flow, wiring.log);
        return { get: (text) => prompts.get(text, how) };
      },
      close: () => lifetime.close(),
    };
  } catch (error) {
    await lifetime.close().catch(() => undefined);
    throw error;
  }
}

/** What the model is told in every call of the flow is computed before the first one; without it that call waits longer. */
async function warm(mind: Mind, flow: CompiledFlow, log: Logger): Promise<void> {
  for (const prefix of flow.modelPrefixes) {
    await mind.prepare(prefix).catch((error: unknown) => log.warn({ code: asTrunklineError(error).code, flow: flow.id }, 'the instructions of a flow were not computed ahead'));
  }
}

async function startLanguage(shop: Shop, language: LanguageSpeech): Promise<Spoken> {
  const { promptDir: directory, clock, random, log } = shop.wiring;
  const starting = [startEar(shop, language), startMouth(shop, language)] as const;
  await Promise.allSettled(starting);
  const [ear, mouth] = await Promise.all(starting);
  const prompts = new PromptCache({ mouth: mouth.port, directory, fingerprint: `${mouth.voiceId} ${VERSION}`, clock, random, log });
  return { language: language.language, ear: ear.port, mouth: mouth.port, models: { ear: ear.model, mouth: mouth.model }, prompts };
}

/** The mouth alone, for rendering files. */
export async function startMouthOnly(wiring: SpeechWiring): Promise<{ port: Mouth; close(): Promise<void> }> {
  const shop = openShop(wiring);
  try {
    const { port } = await startMouth(shop, speechLanguages(wiring.config.speech)[0]);
    return { port, close: () => shop.lifetime.close() };
  } catch (error) {
    await shop.lifetime.close().catch(() => undefined);
    throw error;
  }
}

/** The model alone, for measuring. TRK_CONFIG_INVALID if the configuration has none. */
export async function startMindOnly(wiring: SpeechWiring): Promise<{ port: Mind; close(): Promise<void> }> {
  const shop = openShop(wiring);
  try {
    const mind = await startMind(shop);
    if (mind === undefined) throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: 'speech.mind.workers is 0' }, field: 'speech.mind.workers' });
    return { port: mind.port, close: () => shop.lifetime.close() };
  } catch (error) {
    await shop.lifetime.close().catch(() => undefined);
    throw error;
  }
}

function openShop(wiring: SpeechWiring): Shop {
  return { wiring, lifetime: new Lifetime() };
}

/** It always hears half a minute, however short the words were: on one core that takes two seconds. */
const WHISPER_WORDS_MS = 6_000;

async function startEar(shop: Shop, language: LanguageSpeech): Promise<{ port: EarClient; model: string }> {
  const { clock, log } = shop.wiring;
  const { ear } = language;
  const source = await endpoints(shop, 'ear', language, ear);
  const port = new EarClient({ source, capacityPerWorker: ear.capacity, wordsWithinMs: ear.engine === 'whisper' ? WHISPER_WORDS_MS : undefined, clock, log });
  shop.lifetime.onClose(() => port.close());
  await port.untilReady(WORKER_START_MS);
  return { port, model: ear.model ?? ear.engine };
}

async function startMouth(shop: Shop, language: LanguageSpeech): Promise<{ port: MouthClient; model: string; voiceId: string }> {
  const { clock, log } = shop.wiring;
  const { mouth } = language;
  const source = await endpoints(shop, 'mouth', language, mouth);
  const port = new MouthClient({ source, capacityPerWorker: mouth.capacity, voice: mouth.voice, clock, log });
  shop.lifetime.onClose(() => port.close());
  await port.untilReady(WORKER_START_MS);
  return { port, model: mouth.voice, voiceId: voiceFingerprint(mouth.voice) };
}

async function startMind(shop: Shop): Promise<{ port: MindClient; model: string } | undefined> {
  const { config, clock, log } = shop.wiring;
  const { mind } = config.speech;
  if (mind.workers === 0 && mind.targets.length === 0) return undefined;
  const source = await endpoints(shop, 'mind', speechLanguages(config.speech)[0], mind);
  const port = new MindClient({ source, capacityPerWorker: mind.capacity, clock, log });
  shop.lifetime.onClose(() => port.close());
  await port.untilReady(WORKER_START_MS);
  return { port, model: mind.model };
}

/** Own children, workers on other hosts, or both. Models are looked for only where a child needs them. */
async function endpoints(shop: Shop, worker: WorkerKind, language: LanguageSpeech, pool: { workers: number; targets: Config['speech']['ear']['targets'] }): Promise<EndpointSource> {
  const { config, clock, log } = shop.wiring;
  const remote = fixedEndpoints(pool.targets);
  if (pool.workers === 0) return remote;
  const { program, options } = await workerToRun(worker, config.speech, language);
  const name = config.speech.languages.length === 0 || worker === 'mind' ? worker : `${worker}-${language.language.toLowerCase().slice(0, 8)}`;
  const fleet = await WorkerFleet.start({ worker, name, count: pool.workers, entry: program, options: { ...options, log: config.log }, clock, log, limits: { startMs: WORKER_START_MS } });
  shop.lifetime.onClose(() => fleet.close());
  return joinEndpoints(fleet, remote);
}
