/**
 * The tree itself: which room may import which, how long lines and functions may be. A guard of
 * this test breaks each rule on a made-up file and sees it found.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';

const LINE_LENGTH_MAX_CHARACTERS = 100;
const FUNCTION_LENGTH_MAX_LINES = 70;
const FILE_LENGTH_MAX_LINES = 400;

/** What each room may import, beside itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  engine: ['rules/schema'],
  db: ['engine'],
  reports: ['engine', 'db', 'rules'],
  jobs: ['engine', 'db', 'reports', 'rules'],
};

interface Source {
  readonly path: string;
  readonly text: string;
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (path.endsWith('.ts')) yield path;
  }
}

function sources(rooms: readonly string[]): Source[] {
  return rooms.flatMap(room =>
    [...filesBelow(room)].map(path => ({ path, text: readFileSync(path, 'utf8') })),
  );
}

function importsOf(source: Source): string[] {
  const found = source.text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...found].map(match => normalize(join(dirname(source.path), match[1] as string)));
}

function wrongImports(source: Source): string[] {
  const room = source.path.split('/')[0] as string;
  const allowed = [room, ...(ALLOWED[room] ?? [])];
  return importsOf(source)
    .filter(target => !allowed.some(place => target === place || target.startsWith(`${place}/`)))
    .map(target => `${source.path} imports ${target}`);
}

function longLines(source: Source): string[] {
  return source.text
    .split('\n')
    .map((line, index) => ({ length: [...line].length, place: `${source.path}:${index + 1}` }))
    .filter(line => line.length > LINE_LENGTH_MAX_CHARACTERS)
    .map(line => line.place);
}

/** Formatted by Biome, a function or method ends at the first `}` with its own indentation. */
function longFunctions(source: Source): string[] {
  const lines = source.text.split('\n');
  const found: string[] = [];
  const arrow = String.raw`const \w+ = (?:async )?(?:\([^)]*\)|\w+)(?:: [^=]+)? =>`;
  const method = String.raw`(?!if|for|while|switch|return|catch)[#\w]+\(`;
  const start = '(?:export )?(?:default )?(?:static )?(?:async )?';
  const head = new RegExp(String.raw`^( *)${start}(?:function\b|${method}|${arrow}).*\{$`);
  lines.forEach((line, from) => {
    const indent = head.exec(line)?.[1];
    if (indent === undefined || /^\s*(?:t\.test|test)\(/.test(line)) return;
    const end = lines.findIndex((other, index) => index > from && other.startsWith(`${indent}}`));
    if (end - from + 1 > FUNCTION_LENGTH_MAX_LINES) found.push(`${source.path}:${from + 1}`);
  });
  return found;
}

const rooms = ['engine', 'jobs', 'db', 'reports'];

t.test('imports go one way: jobs, reports, db, engine', async t => {
  t.same(sources(rooms).flatMap(wrongImports), []);
  t.same(wrongImports({ path: 'engine/a.ts', text: "import { x } from '../db/connect.ts';" }), [
    'engine/a.ts imports db/connect.ts',
  ]);
});

t.test('the engine knows no clock, no randomness, no files and no database', async t => {
  const forbidden =
    /Math\.random|Date\.now|new Date\(\)|process\.|'node:(?!crypto)|from '(?:pg|knex|pino)/;
  const offenders = sources(['engine']).filter(source => forbidden.test(source.text));
  t.same(
    offenders.map(source => source.path),
    [],
  );
  t.match('const now = Date.now();', forbidden);
});

t.test('only engine/rules knows json-rules-engine', async t => {
  const knowing = sources(rooms).filter(source => /from 'json-rules-engine'/.test(source.text));
  t.ok(knowing.length > 0);
  t.ok(knowing.every(source => source.path.startsWith('engine/rules/')));
});

t.test('nothing imports the command', async t => {
  const importers = sources(rooms).filter(source =>
    importsOf(source).some(target => target === 'jobs/cli.ts'),
  );
  t.same(importers, []);
});

t.test('lines, functions and files are short enough to read', async t => {
  const all = sources([...rooms, 'test']);
  t.same(all.flatMap(longLines), []);
  t.same(sources(rooms).flatMap(longFunctions), []);
  // A migration is one statement of all tables, and never changes once it is released.
  const readable = sources(rooms).filter(source => !source.path.startsWith('db/migrations/'));
  const long = readable.filter(s => s.text.split('\n').length > FILE_LENGTH_MAX_LINES);
  t.same(
    long.map(source => source.path),
    [],
  );
  const body = `export function long() {\n${'  x();\n'.repeat(FUNCTION_LENGTH_MAX_LINES)}}\n`;
  t.same(longFunctions({ path: 'a.ts', text: body }), ['a.ts:1']);
  t.same(longLines({ path: 'a.ts', text: `//${'长'.repeat(99)}` }), ['a.ts:1']);
});
