/**
 * How the embedded server is reached: by a socket in its own folder where the system has such, else
 * by the loopback, where it listens as well. An act asks some thirty short questions, and each goes
 * to the server and back: by the socket that takes about three quarters of the time.
 */
import { platform } from 'node:os';
import { join } from 'node:path';

/** What a socket's address holds, with room for its name. */
const PATH_BYTES_MAX = 90;
/** In these letters a path needs no quoting, in the server's settings or anywhere else. */
const PLAIN = /^[A-Za-z0-9._/+@-]+$/u;

/** The folder for the server's socket; null: it has none, the loopback must do. */
export function socketFolder(cluster: string): string | null {
  if (platform() === 'win32' || !PLAIN.test(cluster)) return null;
  return Buffer.byteLength(join(cluster, '.s.PGSQL.')) > PATH_BYTES_MAX ? null : cluster;
}

/**
 * Hosts and ports as addresses have them, the better one first. A server that was started without a
 * socket has none; and one whose socket somebody has deleted is reached all the same.
 */
export function hostsOf(found: {
  readonly port: number;
  readonly socket: string | null;
}): readonly string[] {
  const { port, socket } = found;
  const loopback = `127.0.0.1:${port}`;
  return socket === null ? [loopback] : [`${encodeURIComponent(socket)}:${port}`, loopback];
}
