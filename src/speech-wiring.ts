import { defaultModelsDirectory, derivedDirectory } from './models/cache.js';
import { loadManifest } from './models/manifest.js';
import type { ModelManifest } from './models/manifest.js';
import { requireModel } from './models/verify.js';
import type { InstalledModel } from './models/verify.js';
import type { Config } from './config/schema.js';
import type { CompiledFlow } from './dialogue/dialogue.js';
import type { RenderedPrompts } from './call/speaker.js';
import type { Clock } from './kernel/clock.js';
import { Lifetime } from './kernel/lifetime.js';
import type { Logger } from './kernel/log.js';
import { EarClient } from './speech/ear-client.js';
import type { Ear } from './speech/ear.js';
import { fixedEndpoints, joinEndpoints } from './speech/endpoint.js';
import type { EndpointSource } from './speech/endpoint.js';
import { MindClient } from './speech/mind-client.js';
import type { Mind } from './speech/mind.js';
import { MouthClient } from './speech/mouth-client.js';
import type { Mouth } from './speech/mouth.js';
import { PromptCache } from './speech/prompt-cache.js';
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
  readonly log: Logger;
  /** Rendered prompts, kept between runs. */
  readonly promptDir: string;
}

/** What all three kinds of workers need to be found and started. */
interface Shop {
  readonly wiring: SpeechWiring;
  readonly manifest: ModelManifest;
  readonly modelsDir: string;
  readonly lifetime: Lifetime;
  model(name: string): Promise<InstalledModel>;
}

const WORKER_START_MS = 60_000;

/** TRK_MODEL_MISSING, TRK_MODEL_CORRUPT, TRK_WORKER_START. What was started before the failure is closed. */
export async function startSpeech(wiring: SpeechWiring): Promise<SpeechParts> {
  const shop = openShop(wiring);
  const { lifetime } = shop;
  try {
    const [ear, mouth, mind] = await Promise.all([startEar(shop), startMouth(shop), startMind(shop)]);
    const { language } = wiring.config.speech;
    const prompts = new PromptCache({ mouth: mouth.port, directory: wiring.promptDir, voiceId: mouth.voiceId, clock: wiring.clock, log: wiring.log });
    return {
      ear: ear.port,
      mouth: mouth.port,
      mind: mind?.port,
      models: { ear: ear.model, mouth: mouth.model, ...(mind ? { mind: mind.model } : {}) },
      async render(flow, onProgress) {
        const how = { language: flow.language === '' ? language : flow.language, ...(flow.voice === undefined ? {} : { voice: flow.voice }) };
        await prompts.prepare(flow.fixedTexts, { ...how, ...(onProgress ? { onProgress } : {}) });
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
  const manifest = loadManifest();
  const modelsDir = wiring.config.speech.models_dir ?? defaultModelsDirectory();
  return { wiring, manifest, modelsDir, lifetime: new Lifetime(), model: (name) => requireModel(manifest, modelsDir, name) };
}

async function startEar(shop: Shop): Promise<{ port: EarClient; model: string }> {
  const { config, clock, log } = shop.wiring;
  const { ear } = config.speech;
  const vad = await shop.model('silero-vad-v5');
  const moonshine = await shop.model('moonshine-tiny-en');
  const source = await endpoints(shop, 'ear', ear, {
    capacity: ear.capacity,
    recognizer_threads: ear.recognizer_threads,
    engine: ear.engine,
    vad_file: vad.file('silero_vad_v5.onnx'),
    moonshine_directory: moonshine.directory,
  });
  const port = new EarClient({ source, capacityPerWorker: ear.capacity, engine: ear.engine, clock, log });
  shop.lifetime.onClose(() => port.close());
  await port.untilReady(WORKER_START_MS);
  return { port, model: 'moonshine-tiny-en' };
}

async function startMouth(shop: Shop): Promise<{ port: MouthClient; model: string; voiceId: string }> {
  const { config, clock, log } = shop.wiring;
  const { mouth } = config.speech;
  const voice = await shop.model(mouth.voice);
  const onnx = voice.entry.files.find((file) => file.path.endsWith('.onnx'));
  const description = voice.entry.files.find((file) => file.path.endsWith('.json'));
  const source = await endpoints(shop, 'mouth', mouth, {
    capacity: mouth.capacity,
    threads: 1,
    derived_directory: derivedDirectory(shop.modelsDir, mouth.voice),
    voices: [{ engine: 'piper', name: mouth.voice, model_file: voice.file(onnx?.path ?? ''), config_file: voice.file(description?.path ?? ''), sha256: onnx?.sha256 ?? '' }],
  });
  const port = new MouthClient({ source, capacityPerWorker: mouth.capacity, voice: mouth.voice, clock, log });
  shop.lifetime.onClose(() => port.close());
  await port.untilReady(WORKER_START_MS);
  return { port, model: mouth.voice, voiceId: `${mouth.voice}@${onnx?.sha256 ?? ''}` };
}

async function startMind(shop: Shop): Promise<{ port: MindClient; model: string } | undefined> {
  const { config, clock, log } = shop.wiring;
  const { mind } = config.speech;
  if (mind.workers === 0 && mind.targets.length === 0) return undefined;
  const model = await shop.model(mind.model);
  const gguf = model.entry.files.find((file) => file.path.endsWith('.gguf'));
  const source = await endpoints(shop, 'mind', mind, { model_file: model.file(gguf?.path ?? ''), model_name: mind.model, slots: mind.capacity, context_tokens: mind.context_tokens });
  const port = new MindClient({ source, capacityPerWorker: mind.capacity, clock, log });
  shop.lifetime.onClose(() => port.close());
  await port.untilReady(WORKER_START_MS);
  return { port, model: mind.model };
}

/** Own children, workers on other hosts, or both. */
async function endpoints(shop: Shop, worker: 'ear' | 'mouth' | 'mind', pool: { workers: number; targets: Config['speech']['ear']['targets'] }, options: Readonly<Record<string, unknown>>): Promise<EndpointSource> {
  const { config, clock, log } = shop.wiring;
  const remote = fixedEndpoints(pool.targets);
  if (pool.workers === 0) return remote;
  const fleet = await WorkerFleet.start({ worker, count: pool.workers, entry: new URL(`./workers/${worker}/main.js`, import.meta.url), options: { ...options, log: config.log }, clock, log });
  shop.lifetime.onClose(() => fleet.close());
  return joinEndpoints(fleet, remote);
}
