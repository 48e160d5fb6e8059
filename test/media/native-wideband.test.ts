import { NativeEngine } from '../../src/media/native/engine.js';
import { callOpener } from '../contract/media-support.js';
import { widebandContract } from '../contract/media-wideband.js';

widebandContract('native core', callOpener((options) => new NativeEngine(options)));
