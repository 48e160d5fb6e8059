import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const IP = '/usr/sbin/ip';
const NFT = '/usr/sbin/nft';

let made = 0;

/** What sets the router up: `masquerade` hides the inside, `forwards` opens it. */
export interface NatOptions {
  /** The host that runs the test is inside, and the far host outside; else the other way round. */
  readonly weAreInside: boolean;
  /** Ports of the outer address that lead to the inside, as nft writes them: `udp dport 5060`. */
  readonly forwards: readonly string[];
}

/**
 * Two networks with an address-translating router between them, on this machine: the
 * router and a far host are network namespaces, the host that runs the test is on the
 * other side of the router. Ports are chosen anew by the router, as home routers do.
 */
export class NatNetwork {
  /** On the host that runs the test. */
  readonly here: string;
  /** Of the far host. */
  readonly far: string;
  /** Of the router, outside. */
  readonly outer: string;
  readonly #router: string;
  readonly #host: string;

  /** Needs root, `ip` and `nft`; says which of them is missing. */
  constructor(options: NatOptions) {
    if (process.getuid?.() !== 0) throw new Error('network namespaces need root: run the tests as root');
    for (const [path, name] of [[IP, 'iproute2'], [NFT, 'nftables']] as const) if (!existsSync(path)) throw new Error(`${path} is missing: install ${name}`);
    // A namespace that was deleted lives on for a moment.
    made += 1;
    const id = `${process.pid % 1_000_000}${made}`;
    const net = (process.pid + 50 * made) % 250;
    [this.#router, this.#host] = [`tlr${id}`, `tlh${id}`];
    const inside = { router: `10.99.${net}.1`, host: `10.99.${net}.2` };
    const outside = { router: `198.18.${net}.1`, host: `198.18.${net}.2` };
    const [mine, other] = options.weAreInside ? [inside, outside] : [outside, inside];
    [this.here, this.far, this.outer] = [mine.host, other.host, outside.router];
    try {
      this.#build(mine, other, id, options.weAreInside);
      this.#translate(options, inside.host, options.weAreInside ? 'other' : 'mine', options.weAreInside ? 'mine' : 'other');
    } catch (error) {
      this.close();
      throw new Error(`no network namespaces here (CAP_NET_ADMIN is needed): ${(error as Error).message}`, { cause: error });
    }
  }

  /** Before a command line, this runs it on the far host. */
  get onFarHost(): string[] {
    return [IP, 'netns', 'exec', this.#host];
  }

  close(): void {
    for (const name of [this.#host, this.#router]) {
      try {
        execFileSync(IP, ['netns', 'del', name], { stdio: 'ignore' });
      } catch {
        // It was not made.
      }
    }
  }

  #build(mine: { router: string; host: string }, other: { router: string; host: string }, id: string, weAreInside: boolean): void {
    const ip = (...args: string[]): void => void execFileSync(IP, args, { stdio: 'pipe' });
    for (const name of [this.#router, this.#host]) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    ip('link', 'add', `tlm${id}`, 'type', 'veth', 'peer', 'name', 'mine', 'netns', this.#router);
    ip('addr', 'add', `${mine.host}/24`, 'dev', `tlm${id}`);
    ip('link', 'set', `tlm${id}`, 'up');
    ip('-n', this.#router, 'link', 'add', 'other', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#host);
    for (const [name, address] of [['mine', mine.router], ['other', other.router]] as const) {
      ip('-n', this.#router, 'addr', 'add', `${address}/24`, 'dev', name);
      ip('-n', this.#router, 'link', 'set', name, 'up');
    }
    ip('-n', this.#host, 'addr', 'add', `${other.host}/24`, 'dev', 'eth0');
    ip('-n', this.#host, 'link', 'set', 'eth0', 'up');
    // Only the inside knows a way through the router.
    if (weAreInside) ip('route', 'add', `${other.host}/32`, 'via', mine.router);
    else ip('-n', this.#host, 'route', 'add', 'default', 'via', other.router);
    execFileSync(IP, ['netns', 'exec', this.#router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'], { stdio: 'pipe' });
  }

  #translate(options: NatOptions, insideHost: string, outer: string, inner: string): void {
    const rules = [
      'table ip nat {',
      `  chain out { type nat hook postrouting priority srcnat; oifname "${outer}" masquerade${options.weAreInside ? '' : ' random'}; }`,
      `  chain in { type nat hook prerouting priority dstnat; ${options.forwards.map((match) => `iifname "${outer}" ${match} dnat to ${insideHost};`).join(' ')} }`,
      // Nothing gets in that nobody asked for.
      `  chain pass { type filter hook forward priority filter; policy drop; iifname "${inner}" accept; ct state established,related accept; ct status dnat accept; }`,
      '}',
    ];
    execFileSync(IP, ['netns', 'exec', this.#router, NFT, '-f', '-'], { input: rules.join('\n'), stdio: ['pipe', 'pipe', 'pipe'] });
  }
}
