import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  lstat,
  mkdtemp,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { connect } from '../../db/connect.ts';
import { hostsOf, socketFolder } from '../../db/embedded/address.ts';
import { makeLinks } from '../../db/embedded/binaries.ts';
import { processExists, withStartLock } from '../../db/embedded/lock.ts';
import { ensureServer, openDatabase } from '../../db/embedded.ts';

const USER = join(import.meta.dirname, 'embedded-user.ts');
const QUICK = { durable: false };

async function freshHome(t: Tap): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'zhongzhao-embedded-'));
  t.teardown(async () => {
    const server = await ensureServer(home, QUICK);
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });
  return home;
}
type Tap = { teardown(work: () => Promise<void>): void };

/** Starts another process on the same home, and waits for the address that it was given. */
async function user(home: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [USER, home], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, url };
}

async function leave({ child }: { child: ChildProcess }): Promise<void> {
  child.stdin?.end();
  await once(child, 'exit');
}

const dataFolder = async (home: string) =>
  join(JSON.parse(await readFile(join(home, 'postgres/place.json'), 'utf8')).cluster, 'data');

async function serverPid(home: string): Promise<number> {
  const text = await readFile(join(await dataFolder(home), 'postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
}

const gone = async (home: string) =>
  (await lstat(join(await dataFolder(home), 'postmaster.pid')).catch(() => null)) === null;

async function query<R extends object>(url: string, sql: string): Promise<R[]> {
  const database = connect(url);
  try {
    return await database.query<R>(sql);
  } finally {
    await database.close();
  }
}

t.test('the server keeps its data, is reached from here only, and hides its key', async t => {
  const home = await freshHome(t);
  const said: string[] = [];
  const first = await openDatabase({ home, log: message => said.push(message) });
  await first.database.query('create table kept (a integer)');
  const [row] = await first.database.query(
    `select current_setting('listen_addresses') as addresses, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commit, current_setting('server_encoding') as code,
       current_setting('unix_socket_directories') as sockets,
       (select datcollate from pg_database where datname = current_database()) as collation,
       'b' < 'C' as "byLetters"`,
  );
  t.same(row, {
    addresses: '127.0.0.1',
    fsync: 'on',
    commit: 'on',
    code: 'UTF8',
    sockets: join(await realpath(home), 'postgres/cluster'),
    collation: 'C',
    byLetters: false,
  });
  t.equal(first.embedded, true);
  const [reached] = await first.database.query(
    `select inet_server_addr() is null as "bySocket", current_setting('port')::integer as port`,
  );
  const socket = join(home, `postgres/cluster/.s.PGSQL.${reached?.['port']}`);
  t.match([reached, (await stat(socket)).mode & 0o777], [{ bySocket: true }, 0o700]);
  t.equal((await stat(join(home, 'postgres/password'))).mode & 0o777, 0o600);
  t.not((await stat(`/proc/${await serverPid(home)}`).catch(() => ({ uid: -1 }))).uid, 0);
  await first.close();
  t.ok(await gone(home), 'stopped with its only user');
  const second = await openDatabase({ home, log: message => said.push(message) });
  t.same(await second.database.query('select * from kept'), []);
  await second.close();
  t.equal(said.length, 1, 'only the first start has something to say');
});

t.test(
  'where there is no socket the loopback is used, on which the server listens anyway',
  async t => {
    t.equal(socketFolder('/home/招生办/cluster'), null, 'in letters that would want quoting');
    t.equal(socketFolder(`/${'far/'.repeat(22)}cluster`), null, 'too far down');
    t.same(hostsOf({ port: 5433, socket: null }), ['127.0.0.1:5433']);
    const server = await ensureServer(await freshHome(t), QUICK);
    const url = new URL(server.url);
    t.match(url.hostname, /^%2F/);
    url.hostname = '127.0.0.1';
    t.same(await query(url.href, 'select host(inet_server_addr()) as at'), [{ at: '127.0.0.1' }]);
    await server.stop();
  },
);

t.test('a socket that is deleted, or can not be made, is done without', async t => {
  const home = await freshHome(t);
  const cluster = join(home, 'postgres/cluster');
  const first = await ensureServer(home, QUICK);
  await rm(join(cluster, `.s.PGSQL.${new URL(first.url).port}`));
  const second = await ensureServer(home, QUICK);
  t.equal(new URL(second.url).hostname, '127.0.0.1', 'deleted');
  t.same(await query(second.url, 'select 1 as one'), [{ one: 1 }]);
  await second.stop();
  await first.stop();
  await chmod(cluster, 0o500);
  const third = await ensureServer(home, QUICK);
  t.equal(new URL(third.url).hostname, '127.0.0.1', 'the folder takes none');
  t.same(await query(third.url, 'select 1 as one'), [{ one: 1 }]);
  await third.stop();
  await chmod(cluster, 0o700);
});

t.test('a wrong password is refused', async t => {
  const home = await freshHome(t);
  const server = await ensureServer(home, QUICK);
  const url = new URL(server.url);
  url.password = 'wrong';
  await t.rejects(query(url.href, 'select 1'), { code: 'cannot-connect' });
  await server.stop();
  const file = join(home, 'postgres/password');
  const right = await readFile(file, 'utf8');
  await writeFile(file, 'wrong');
  await t.rejects(ensureServer(home, QUICK), { code: 'embedded-start-failed' });
  await writeFile(file, right);
});

t.test('the server of a killed process is found, used, and stopped at last', async t => {
  const home = await freshHome(t);
  const orphan = await user(home);
  await query(orphan.url, 'create table kept (a integer)');
  const pid = await serverPid(home);
  orphan.child.kill('SIGKILL');
  await once(orphan.child, 'exit');
  t.ok(processExists(pid), 'it outlives its parent');
  const found = await ensureServer(home, QUICK);
  t.equal(found.url, orphan.url);
  t.equal(await serverPid(home), pid);
  t.same(await query(found.url, 'select * from kept'), []);
  await found.stop();
  t.ok(await gone(home));
});

t.test('of processes that start at once, one starts the server and all use it', async t => {
  const home = await freshHome(t);
  const users = await Promise.all([user(home), user(home), user(home)]);
  t.equal(new Set(users.map(each => each.url)).size, 1);
  const url = users[0]?.url as string;
  for (const [n, each] of users.entries()) {
    t.same(await query(url, 'select 1 as one'), [{ one: 1 }]);
    await leave(each);
    t.equal(await gone(home), n === users.length - 1, 'the last one stops it');
  }
});

t.test('a server that was killed itself recovers what was committed', async t => {
  const home = await freshHome(t);
  const first = await ensureServer(home);
  await query(first.url, 'create table kept as select generate_series(1, 1000) as a');
  process.kill(await serverPid(home), 'SIGKILL');
  const second = await ensureServer(home);
  t.same(await query(second.url, 'select count(*) from kept'), [{ count: 1000 }]);
  await first.stop();
  await second.stop();
});

t.test('a pid file whose number now belongs to another process is not believed', async t => {
  const home = await freshHome(t);
  await (await ensureServer(home, QUICK)).stop();
  const file = join(await dataFolder(home), 'postmaster.pid');
  await writeFile(file, `${process.pid}\n${await dataFolder(home)}\n1\n1\n\n127.0.0.1\n\nready\n`);
  const server = await ensureServer(home, QUICK);
  t.same(await query(server.url, 'select 1 as one'), [{ one: 1 }]);
  await server.stop();
});

t.test('library links are made where missing, by several makers at once', async t => {
  const folder = join(t.testdir({ native: { lib: {} } }), 'native');
  const links = [
    { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' },
    { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so' },
  ];
  await writeFile(join(folder, 'pg-symlinks.json'), JSON.stringify(links));
  await writeFile(join(folder, 'lib/libpq.so.5.18'), 'library');
  await symlink('libpq.so.5.18', join(folder, 'lib/libpq.so'));
  await Promise.all([makeLinks(folder), makeLinks(folder), makeLinks(folder)]);
  for (const { target } of links) {
    const link = join(folder, '..', target);
    t.ok((await lstat(link)).isSymbolicLink());
    t.equal(await readFile(link, 'utf8'), 'library');
  }
});

t.test('the start lock lets one in at a time, and forgets the dead', async t => {
  const folder = t.testdir({});
  let inside = 0;
  let most = 0;
  const enter = () =>
    withStartLock(folder, async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise(resolve => setTimeout(resolve, 5));
      inside -= 1;
    });
  // A process that never was, then our own number at another time: a reused one.
  for (const dead of ['4194999 1\n', `${process.pid} 1\n`]) {
    await writeFile(join(folder, 'start.lock'), dead);
    await Promise.all(Array.from({ length: 8 }, enter));
    t.equal(most, 1);
  }
  await t.rejects(
    withStartLock(folder, () => Promise.reject(new TypeError('mine'))),
    new TypeError('mine'),
  );
  await enter();
});

t.test('two users of one process share the server, and stop it together', async t => {
  const home = await freshHome(t);
  const [one, other] = await Promise.all([ensureServer(home, QUICK), ensureServer(home, QUICK)]);
  t.equal(one.url, other.url);
  await one.stop();
  t.equal(await gone(home), false);
  await other.stop();
  await other.stop();
  t.ok(await gone(home));
});
