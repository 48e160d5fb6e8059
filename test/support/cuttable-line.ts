import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface CuttableLine {
  readonly port: number;
  /** Breaks what is connected; while `open` is false nobody gets through. */
  cut(): void;
  /** False: who connects is thrown out at once. */
  open: boolean;
  /** Lets nothing pass and says nothing, as a pulled cable. */
  freeze(): void;
  close(): Promise<void>;
}

/** A TCP proxy on loopback to `port` of `host`. */
export async function cuttableLine(port: number, host = '127.0.0.1'): Promise<CuttableLine> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    near.on('error', () => undefined);
    if (!line.open) return near.destroy();
    const far = connect(port, host);
    near.setNoDelay(true);
    far.setNoDelay(true);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const line: CuttableLine = {
    port: (server.address() as AddressInfo).port,
    open: true,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    freeze: () =>
      sockets.forEach((socket) => {
        socket.unpipe();
        socket.pause();
      }),
    close: async () => {
      line.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return line;
}
