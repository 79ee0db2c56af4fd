/** Reads a policy folder from disk; engine/policy checks what it holds. */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file beyond this is not read: the check refuses it by its size alone. */
const READ_MAX_BYTES = 64 * 1024 * 1024;
/** `cities/` and `tests/`, and no deeper. */
const DEPTH_MAX_LEVELS = 2;

/**
 * All YAML files of a policy folder, by their path in it (`cities/440100.yaml`). Other files, and
 * links, are passed over.
 *
 * @throws the system's error where the folder can't be read
 */
export function readPolicyFolder(folder: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const walk = (below: string, depth: number): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory() && depth < DEPTH_MAX_LEVELS && !entry.name.startsWith('.')) {
        walk(path, depth + 1);
      } else if (isYamlFile(entry)) files.set(path, readBounded(join(folder, path)));
    }
  };
  walk('', 1);
  return files;
}

function isYamlFile(entry: Dirent): boolean {
  return entry.isFile() && /\.ya?ml$/i.test(entry.name);
}

/**
 * Of a file that is far too large, zeros of a refused size stand in: its content does not matter.
 */
function readBounded(path: string): Uint8Array {
  const { size } = statSync(path);
  return size > READ_MAX_BYTES ? new Uint8Array(READ_MAX_BYTES) : readFileSync(path);
}
