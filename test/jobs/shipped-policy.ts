/** The shipped policy folder, as it is or edited, adopted without a command. */
import { join } from 'node:path';
import type { Database } from '../../db/connect.ts';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { adoptPolicy } from '../../db/policies.ts';
import { loadPolicy, type PolicyFiles } from '../../engine/policy/load.ts';

export const RULES = join(import.meta.dirname, '..', '..', 'rules', 'guangdong-2016');
export const AT = new Date('2016-07-20T19:30:00+08:00');

/** The policy folder, each file changed by `edit` where it wants to. */
export function policyFiles(edit: (path: string, text: string) => string = (_, text) => text) {
  const files = new Map<string, string>();
  for (const [path, bytes] of readPolicyFolder(RULES)) {
    files.set(path, edit(path, Buffer.from(bytes).toString('utf8')));
  }
  return files;
}

export async function adopt(database: Database, files: PolicyFiles): Promise<void> {
  const { bundle, problems } = loadPolicy(files);
  if (bundle === undefined) throw new Error(problems.map(each => each.message).join('\n'));
  const { season, base, usesSampleBasis, overlays } = bundle;
  const policy = { season, ...base, usesSampleBasis, overlays: [...overlays.values()] };
  await database.transaction(session =>
    adoptPolicy(session, policy, { actor: 'province', at: AT }),
  );
}
