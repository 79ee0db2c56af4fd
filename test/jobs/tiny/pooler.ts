/**
 * A transaction pooler in miniature: each client logs in on a server connection of its own; from
 * then on a server connection is handed to whoever has something to say, and taken back when the
 * server reports that no transaction is open.
 */
import { createServer, connect as dial, type Socket } from 'node:net';
import type { Test } from 'tap';
import { hostBehind } from '../../database.ts';

interface Server {
  readonly socket: Socket;
  client: Client | undefined;
  /** Bytes of a message that has not come whole. */
  rest: Buffer;
}

interface Client {
  readonly socket: Socket;
  server: Server | undefined;
  loggedIn: boolean;
  readonly waiting: Buffer[];
}

/**
 * @param order which idle server connection is handed out: the one that came back last, or first
 * @returns the address to connect to instead of the given one
 */
export async function transactionPooler(
  t: Pick<Test, 'teardown'>,
  url: string,
  order: 'first' | 'last',
): Promise<string> {
  const target = new URL(url);
  const idle: Server[] = [];
  const sockets = new Set<Socket>();
  const waiting: Client[] = [];

  const serve = (client: Client) => {
    client.server ??= order === 'last' ? idle.pop() : idle.shift();
    if (client.server === undefined) {
      if (!waiting.includes(client)) waiting.push(client);
      return;
    }
    client.server.client = client;
    for (const bytes of client.waiting.splice(0)) client.server.socket.write(bytes);
  };
  const takeBack = (server: Server) => {
    if (server.client !== undefined) {
      server.client.loggedIn = true;
      server.client.server = undefined;
      server.client = undefined;
    }
    idle.push(server);
    const next = waiting.shift();
    if (next !== undefined) serve(next);
  };
  const listener = createServer(socket => {
    const client: Client = { socket, server: undefined, loggedIn: false, waiting: [] };
    const server: Server = {
      socket: dial(Number(target.port), hostBehind(target)),
      client,
      rest: Buffer.alloc(0),
    };
    client.server = server;
    for (const one of [socket, server.socket]) {
      sockets.add(one);
      one.on('error', () => {});
    }
    socket.on('data', bytes => {
      // Terminate (X) is the pooler's to answer: server connections stay.
      if (client.loggedIn && bytes[0] === 0x58) return void socket.end();
      client.waiting.push(bytes);
      serve(client);
    });
    server.socket.on('data', bytes => {
      server.client?.socket.write(bytes);
      if (endsIdle(server, bytes)) takeBack(server);
    });
  });
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  const own = new URL(url);
  own.hostname = '127.0.0.1';
  own.port = String((listener.address() as { port: number }).port);
  return own.href;
}

/** Has a ReadyForQuery (Z) with the status `I`, no transaction, come whole. */
function endsIdle(server: Server, bytes: Buffer): boolean {
  let data = Buffer.concat([server.rest, bytes]);
  let idle = false;
  while (data.length >= 5) {
    const length = 1 + data.readInt32BE(1);
    if (data.length < length) break;
    idle = data[0] === 0x5a && data[5] === 0x49;
    data = data.subarray(length);
  }
  server.rest = data;
  return idle;
}
