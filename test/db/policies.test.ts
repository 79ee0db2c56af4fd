import { createHash } from 'node:crypto';
import t from 'tap';
import type { Database } from '../../db/connect.ts';
import {
  adoptOverlay,
  adoptPolicy,
  isSampleDatabase,
  type PolicyToAdopt,
  policyVersionId,
  readPolicy,
  readPolicyVersion,
  sampleBasisInForce,
} from '../../db/policies.ts';
import { freshDatabase } from '../database.ts';

const BY = { actor: 'province', at: new Date('2016-07-01T00:00:00Z') };
const sha = (text: string) => createHash('sha256').update(text).digest('hex');

function overlay(city: string, text: string) {
  return { city, hash: sha(text), content: text, document: `# ${text}` };
}

function policy(title: string, more: Partial<PolicyToAdopt> = {}): PolicyToAdopt {
  const content = JSON.stringify({ title });
  return {
    season: 2016,
    hash: sha(content),
    content,
    documents: { 'policy.yaml': `title: ${title}\n` },
    usesSampleBasis: false,
    overlays: [],
    ...more,
  };
}

const adopt = (database: Database, what: PolicyToAdopt) =>
  database.transaction(session => adoptPolicy(session, what, BY));

const realImport = (database: Database) =>
  database.query(
    `insert into imports (season, package_hash, synthetic, counts, imported_at, imported_by)
     values (2016, 'x', false, '{}', now(), 'province')`,
  );

t.test('an adopted policy is given back as it was', async t => {
  const database = await freshDatabase(t);
  t.equal(await readPolicy(database, 2016), null);
  const first = policy('一', { overlays: [overlay('440100', '{"a":1}')] });
  t.same(await adopt(database, first), { version: 1, adopted: true, cities: ['440100'] });
  const stored = await readPolicy(database, 2016);
  t.match(stored?.base, { version: 1, hash: first.hash, documents: first.documents });
  t.match(stored?.overlays.get('440100'), { version: 1, content: '{"a":1}' });
});

t.test('the same content again is unchanged, other content is the next version', async t => {
  const database = await freshDatabase(t);
  await adopt(database, policy('一'));
  t.same(await adopt(database, policy('一')), { version: 1, adopted: false, cities: [] });
  t.match(await adopt(database, policy('二')), { version: 2, adopted: true });
  t.equal((await readPolicy(database, 2016))?.base.content, '{"title":"二"}');
  await t.rejects(adopt(database, policy('一')), { code: 'policy-superseded' });
});

t.test('adopting a base leaves the overlays that cities have set', async t => {
  const database = await freshDatabase(t);
  await adopt(database, policy('一', { overlays: [overlay('440100', '{"a":1}')] }));
  const set = (text: string) =>
    database.transaction(session =>
      adoptOverlay(session, 2016, overlay('440100', text), BY, false),
    );
  t.equal(await set('{"a":2}'), 2);
  t.equal(await set('{"a":2}'), 2, 'unchanged');
  const next = policy('二', { overlays: [overlay('440100', '{"a":3}'), overlay('440300', '{}')] });
  t.same((await adopt(database, next)).cities, ['440300']);
  t.equal((await readPolicy(database, 2016))?.overlays.get('440100')?.content, '{"a":2}');
});

t.test('a pair of base and overlay keeps its number, also when asked for at once', async t => {
  const database = await freshDatabase(t);
  const base = policy('一', { overlays: [overlay('440100', '{"a":1}')] });
  await adopt(database, base);
  const ask = () => policyVersionId(database, base.hash, sha('{"a":1}'));
  const ids = new Set(await Promise.all(Array.from({ length: 8 }, ask)));
  t.equal(ids.size, 1);
  const [id = 0] = ids;
  const found = await readPolicyVersion(database, id);
  t.equal(found?.base.hash, base.hash);
  t.equal(found?.overlay?.city, '440100');
  const bare = await policyVersionId(database, base.hash, sha('{}'));
  t.not(bare, id);
  t.equal((await readPolicyVersion(database, bare))?.overlay, null);
  t.equal(await readPolicyVersion(database, 9999), null);
});

t.test('sample values are adopted in a sample database only', async t => {
  const database = await freshDatabase(t);
  const content = '{"basis":"sample"}';
  const sample = policy('x', { content, hash: sha(content), usesSampleBasis: true });
  t.equal(await isSampleDatabase(database), true);
  t.equal(await sampleBasisInForce(database), false);
  await adopt(database, sample);
  t.equal(await sampleBasisInForce(database), true);
  await realImport(database);
  t.equal(await isSampleDatabase(database), false);
  await t.rejects(adopt(database, sample), { code: 'policy-needs-sample-database' });
  t.match(await adopt(database, policy('二')), { adopted: true });
  t.equal(await sampleBasisInForce(database), false, 'superseded');
});

t.test('a closed season takes no policy', async t => {
  const database = await freshDatabase(t);
  await database.query('insert into seasons (season, closed) values (2016, true)');
  await t.rejects(adopt(database, policy('一')), { code: 'season-closed' });
});
