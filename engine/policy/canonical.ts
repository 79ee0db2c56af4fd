import { hash } from 'node:crypto';
import { isList, isObject, type Json } from './json.ts';

/**
 * Canonical JSON: keys sorted by code unit, no spaces. Two documents that differ only in format,
 * comments or the order of keys have one canonical content, so one hash.
 */
export function canonicalJson(value: Json): string {
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map(key => `${JSON.stringify(key)}:${canonicalJson(value[key] as Json)}`);
  return `{${members.join(',')}}`;
}

/** SHA-256, hex, of the UTF-8 bytes. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** The hash of a city that has set nothing: of `{}`. */
export const EMPTY_OVERLAY_HASH = sha256('{}');
