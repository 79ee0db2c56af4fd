/**
 * A process that uses the embedded server of a home folder: it prints the address, and leaves when
 * its standard input ends. For embedded.test.ts, which kills some of them.
 */
import { once } from 'node:events';
import { ensureServer } from '../../db/embedded.ts';

const server = await ensureServer(process.argv[2] as string, { durable: false });
process.stdout.write(`${server.url}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await server.stop();
