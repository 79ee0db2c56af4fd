/**
 * The lottery in SQL: HMAC-SHA256 from PostgreSQL's own sha256 (dispatch.md §2), as hex, which
 * sorts like the bytes. pgcrypto is not needed, and an office's server may not have it.
 */
import { createHash } from 'node:crypto';

const BLOCK_BYTES = 64;

/** The digest of a text expression under the seed. */
export function digestSql(seed: string, message: string): string {
  const inner = paddedKey(seed, 0x36);
  const outer = paddedKey(seed, 0x5c);
  const first = `sha256('\\x${inner}'::bytea || convert_to(${message}, 'UTF8'))`;
  return `encode(sha256('\\x${outer}'::bytea || ${first}), 'hex')`;
}

/** RFC 2104: the key, hashed where it is longer than a block, filled with zeros, xor the pad. */
function paddedKey(seed: string, pad: number): string {
  const bytes = Buffer.from(seed, 'utf8');
  const key = bytes.length > BLOCK_BYTES ? createHash('sha256').update(bytes).digest() : bytes;
  const padded = Buffer.alloc(BLOCK_BYTES);
  key.copy(padded);
  for (let at = 0; at < BLOCK_BYTES; at += 1) padded[at] ^= pad;
  return padded.toString('hex');
}
