import { NativeEngine } from '../../src/media/native/engine.js';
import { mediaContract } from '../contract/media.js';

mediaContract('native core', (options) => new NativeEngine(options));
