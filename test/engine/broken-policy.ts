/** The shipped policy with one slip, and the place of its mark. */
import { readPolicyFolder } from '../../db/package/policy-folder.ts';

export interface Break {
  readonly file: string;
  /** Replaced where it first stands. */
  readonly find: string;
  /** What is put there; `▸` marks the place that the problem must name. */
  readonly put: string;
}

export const SHIPPED: ReadonlyMap<string, Uint8Array> = readPolicyFolder('rules/guangdong-2016');
const decoder = new TextDecoder();

export interface Broken {
  readonly files: Map<string, string | Uint8Array>;
  readonly line: number;
  /** In characters, from 1. */
  readonly column: number;
}

/** @throws where the file does not hold the text */
export function breakPolicy({ file, find, put }: Break): Broken {
  const text = decoder.decode(SHIPPED.get(file));
  const at = text.indexOf(find);
  if (at === -1) throw new Error(`${file} does not hold ${find}`);
  const marked = text.slice(0, at) + put + text.slice(at + find.length);
  const before = marked.slice(0, marked.indexOf('▸'));
  const lines = before.split('\n');
  const place = { line: lines.length, column: [...(lines.at(-1) as string)].length + 1 };
  const files = new Map<string, string | Uint8Array>(SHIPPED);
  files.set(file, marked.replace('▸', ''));
  return { files, ...place };
}
