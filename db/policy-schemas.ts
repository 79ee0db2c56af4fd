/**
 * `npm run schemas`: writes into rules/schema what editors are offered from the fact catalogue. A
 * test holds the files against it, so that neither is changed without the other.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { editorSchemas } from '../engine/policy/editor-schemas.ts';
import type { JsonObject } from '../engine/policy/json.ts';

const FOLDER = join(import.meta.dirname, '..', 'rules', 'schema');

/** File name → text as it should stand in rules/schema. */
export function schemaTexts(): Map<string, string> {
  const files = readdirSync(FOLDER).filter(name => name.endsWith('.schema.json'));
  const read = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as JsonObject;
  const schemas = new Map(files.sort().map(name => [name, read(name)]));
  const written = editorSchemas(schemas);
  return new Map(
    [...written].map(([name, schema]) => [name, `${JSON.stringify(schema, null, 2)}\n`]),
  );
}

if (import.meta.main) {
  for (const [name, text] of schemaTexts()) writeFileSync(join(FOLDER, name), text);
}
