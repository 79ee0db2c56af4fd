import { FACTS } from '../rules/catalogue.ts';
import { type Check, checkKnown } from './check-context.ts';
import { type Documents, entriesOf, listOf, own, type Path, textOf } from './json.ts';
import { ENTRY_KEYS, identityOf } from './merge.ts';
import { nearestName } from './nearest.ts';
import { OVERLAY_KEYS } from './schemas.ts';

/** Columns of candidates.csv and built-in facts: an attribute of such a name would hide them. */
const RESERVED_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...FACTS.filter(fact => fact.name.startsWith('candidate.')).map(fact => fact.name.slice(10)),
  ...['subject', 'candidate_no', 'name', 'birth_date', 'identity_no', 'identity_type'],
  ...['registration_point', 'household', 'address', 'postcode', 'phone', 'guardian'],
]);

/** policy.yaml: attribute names, the number pattern, what cities may set. */
export function checkPolicyDocument(check: Check): void {
  const policy = check.documents['policy'];
  for (const { value, path } of entriesOf(policy, 'attributes')) {
    const name = textOf(value, 'name');
    if (name === undefined || !RESERVED_ATTRIBUTES.has(name)) continue;
    check.report('policy', 'reserved-name', [...path, 'name'], { name });
  }
  checkNumberPattern(check);
  listOf(policy, 'city-may-set').forEach((path, index) => {
    if (typeof path === 'string') checkSettablePath(check, path, ['city-may-set', index]);
  });
  const jurisdiction = textOf(policy, 'jurisdiction');
  const { regions } = check.knowledge;
  checkKnown(check, 'policy', ['jurisdiction'], regions, jurisdiction, 'unknown-region');
}

function checkNumberPattern(check: Check): void {
  const policy = check.documents['policy'];
  const numbers = policy === undefined ? undefined : own(policy, 'numbers');
  const pattern = textOf(numbers, 'candidate_no');
  if (pattern === undefined) return;
  const rest = pattern.replace(/\{(?:yy|yyyy|city[1-6]|serial[1-9])\}/g, '');
  const serials = pattern.match(/\{serial[1-9]\}/g)?.length ?? 0;
  const at = ['numbers', 'candidate_no'];
  if (!/^[0-9A-Za-z-]*$/.test(rest)) {
    const what = '只能用 {yy}、{yyyy}、{city4}、{serial8} 这样的项，以及字母、数字、连字符';
    check.report('policy', 'bad-number-pattern', at, { what });
  } else if (serials !== 1) {
    check.report('policy', 'bad-number-pattern', at, { what: '须有且只有一个流水号 {serial8}' });
  }
}

function checkSettablePath(check: Check, name: string, path: Path): void {
  const [document, key] = name.split('.');
  if (document === 'own-system') {
    check.report('policy', 'own-system-delegated', path);
    return;
  }
  const keys = OVERLAY_KEYS[document];
  if (keys !== undefined && (key === undefined || keys.includes(key))) return;
  const known = Object.entries(OVERLAY_KEYS).flatMap(([each, below]) => [
    each,
    ...below.map(child => `${each}.${child}`),
  ]);
  const nearest = () => nearestName(name, known);
  const detail = { name, allowed: known.join('、') };
  check.report('policy', 'unknown-path', path, detail, { nearest });
}

/** Lists whose entries must differ, beside those that overlays merge by. */
const MORE_ENTRY_KEYS: typeof ENTRY_KEYS = {
  policy: { basis: ['id'], attributes: ['name'] },
  calendar: { phases: ['id'], windows: ['id'], deadlines: ['id'], values: ['id'] },
  eligibility: { rules: ['id'] },
  quotas: { rules: ['id'] },
  deadlines: { rules: ['id'] },
  findings: { findings: ['property'] },
  duties: { duties: ['id'] },
  schedule: { jobs: ['job'] },
};

/** Entries that come twice. An overlay is checked by itself: its entries repeat the base's. */
export function checkDuplicates(
  documents: Documents,
  report: (document: string, path: Path, name: string) => void,
): void {
  for (const table of [ENTRY_KEYS, MORE_ENTRY_KEYS]) {
    for (const [document, lists] of Object.entries(table)) {
      for (const [list, keys] of Object.entries(lists)) {
        const seen = new Set<string>();
        for (const { value, path } of entriesOf(documents[document], list)) {
          const identity = identityOf(value, keys);
          if (identity === null) continue;
          const name = identity.replaceAll('\u0000', ' ');
          if (seen.has(identity)) report(document, [...path, keys[0]], name);
          seen.add(identity);
        }
      }
    }
  }
}
