import { BlockList } from 'node:net';
import { Type } from '@sinclair/typebox';
import { addNetwork } from './trunk-schema.js';

/** `sip.doors`: what sources that belong to no trunk may do. */
export const DoorsSchema = Type.Object(
  {
    requests_per_second: Type.Number({ minimum: 0, maximum: 100_000, default: 100, description: 'Messages from one source that is no trunk, apart from those of its calls; more is dropped. An IPv6 /64 is one source. 0 no limit.' }),
    burst: Type.Integer({ minimum: 1, maximum: 100_000, default: 200, description: 'How many of them may come at once.' }),
    total_per_second: Type.Number({ minimum: 0, maximum: 1_000_000, default: 500, description: 'The same for all such sources together, because a UDP source can be forged; 0 no limit.' }),
    ban_after: Type.Integer({ minimum: 0, maximum: 100_000, default: 20, description: 'Failures in a minute (garbage, wrong credentials, 403, 404) after which a source is banned; 0 never.' }),
    ban_ms: Type.Integer({ minimum: 1_000, maximum: 86_400_000, default: 300_000, description: 'The first ban; each further one is twice as long, at most a day.' }),
    max_sources: Type.Integer({ minimum: 16, maximum: 1_000_000, default: 10_000, description: 'Sources, and bans, that are remembered, about 200 bytes each; the oldest is forgotten.' }),
    connections_per_source: Type.Integer({ minimum: 1, maximum: 2_000, default: 20, description: 'TCP and TLS connections of one source that is no trunk.' }),
    allow: Type.Array(Type.String({ maxLength: 49 }), { default: ['127.0.0.1', '::1'], maxItems: 256, description: 'Networks (`192.0.2.0/24`) that are neither limited nor banned, such as monitoring; their calls still follow `sip.unknown_sources`.' }),
  },
  { additionalProperties: false, default: {} },
);

/** Networks as one list; the index of the first that is none otherwise. */
export function networkList(networks: readonly string[]): BlockList | number {
  const list = new BlockList();
  const wrong = networks.findIndex((network) => !addNetwork(list, network));
  return wrong < 0 ? list : wrong;
}
