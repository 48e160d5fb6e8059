import type { Config } from './config/schema.js';
import type { CompiledFlow } from './dialogue/dialogue.js';
import type { RenderedPrompts } from './call/speaker.js';
import type { Clock } from './kernel/clock.js';
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
import { voiceFingerprint, workerKeys } from './worker-keys.js';
import type { WorkerKind } from './worker-keys.js';
import { WorkerFleet } from './workers/worker-fleet.js';

/** Part of the composition root: finds the models, starts the workers, hands out the ports. */
export interface SpeechParts {
  readonly ear: Ear;
  readonly mouth: Mouth;
  /** Undefined while `speech.mind.workers` is 0 and no target is named. */
  readonly mind: Mind | undefined;
  /** Which models serve, for results. */
  readonly models: Readonly<Record<string, string>>;
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

/** What all three kinds of workers need to be found and started. */
interface Shop {
  readonly wiring: SpeechWiring;
  readonly lifetime: Lifetime;
}

const WORKER_START_MS = 60_000;

/** TRK_MODEL_MISSING, TRK_MODEL_CORRUPT, TRK_WORKER_START. What was started before the failure is closed. */
export async function startSpeech(wiring: SpeechWiring): Promise<SpeechParts> {
  const shop = openShop(wiring);
  const { lifetime } = shop;
  try {
    const starting = [startEar(shop), startMouth(shop), startMind(shop)] as const;
    // One that fails must not close the shop while another still starts children: nobody would end those.
    await Promise.allSettled(starting);
    const [ear, mouth, mind] = await Promise.all(starting);
    const { language } = wiring.config.speech;
    const prompts = new PromptCache({ mouth: mouth.port, directory: wiring.promptDir, fingerprint: `${mouth.voiceId} ${VERSION}`, clock: wiring.clock, random: wiring.random, log: wiring.log });
    return {
      ear: ear.port,
      mouth: mouth.port,
      mind: mind?.port,
      models: { ear: ear.model, mouth: mouth.model, ...(mind ? { mind: mind.model } : {}) },
      async render(flow, onProgress) {
        const how = { language: flow.language === '' ? language : flow.language, ...(flow.voice === undefined ? {} : { voice: flow.voice }) };
        await prompts.prepare(flow.fixedTexts, { ...how, ...(onProgress ? { onProgress: (done: number, total: number) => onProgress(done / total) } : {}) });
        return { get: (text) => prompts.get(text, how) };
      },
      close: () => lifetime.close(),
    };
  } catch (error) {
    await lifetime.close().catch(() => undefined);
    throw error;
  }
}

/** The mouth alone, for rendering files. */
export async function startMouthOnly(wiring: SpeechWiring): Promise<{ port: Mouth; close(): Promise<void> }> {
  const shop = openShop(wiring);
  try {
    const { port } = await startMouth(shop);
    return { port, close: () => shop.lifetime.close() };
  } catch (error) {
    await shop.lifetime.close().catch(() => undefined);
    throw error;
  }
}

function openShop(wiring: SpeechWiring): Shop {
  return { wiring, lifetime: new Lifetime() };
}

async function startEar(shop: Shop): Promise<{ port: EarClient; model: string }> {
  const { config, clock, log } = shop.wiring;
  const { ear } = config.speech;
  const source = await endpoints(shop, 'ear', ear);
  const port = new EarClient({ source, capacityPerWorker: ear.capacity, clock, log });
  shop.lifetime.onClose(() => port.close());
  await port.untilReady(WORKER_START_MS);
  return { port, model: ear.model ?? ear.engine };
}

async function startMouth(shop: Shop): Promise<{ port: MouthClient; model: string; voiceId: string }> {
  const { config, clock, log } = shop.wiring;
  const { mouth } = config.speech;
  const source = await endpoints(shop, 'mouth', mouth);
  const port = new MouthClient({ source, capacityPerWorker: mouth.capacity, voice: mouth.voice, clock, log });
  shop.lifetime.onClose(() => port.close());
  await port.untilReady(WORKER_START_MS);
  return { port, model: mouth.voice, voiceId: voiceFingerprint(mouth.voice) };
}

async function startMind(shop: Shop): Promise<{ port: MindClient; model: string } | undefined> {
  const { config, clock, log } = shop.wiring;
  const { mind } = config.speech;
  if (mind.workers === 0 && mind.targets.length === 0) return undefined;
  const source = await endpoints(shop, 'mind', mind);
  const port = new MindClient({ source, capacityPerWorker: mind.capacity, clock, log });
  shop.lifetime.onClose(() => port.close());
  await port.untilReady(WORKER_START_MS);
  return { port, model: mind.model };
}

/** Own children, workers on other hosts, or both. Models are looked for only where a child needs them. */
async function endpoints(shop: Shop, worker: WorkerKind, pool: { workers: number; targets: Config['speech']['ear']['targets'] }): Promise<EndpointSource> {
  const { config, clock, log } = shop.wiring;
  const remote = fixedEndpoints(pool.targets);
  if (pool.workers === 0) return remote;
  const fleet = await WorkerFleet.start({ worker, count: pool.workers, entry: new URL(`./workers/${worker}/main.js`, import.meta.url), options: { ...(await workerKeys(worker, config.speech)), log: config.log }, clock, log });
  shop.lifetime.onClose(() => fleet.close());
  return joinEndpoints(fleet, remote);
}
