/**
 * What stands for an identity number where the province must not have it twice: its HMAC-SHA256
 * under a key of this database. A bare hash would be reversed in minutes by trying all numbers.
 */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { Session } from './connect.ts';

const KEY_BYTES = 32;

export type IdentityHasher = (comparableNumber: string) => Buffer;

/**
 * Gives the hasher of this database; its key is drawn when first needed.
 *
 * @returns a function of the comparable form of a number (package/identity.ts)
 */
export async function identityHasher(session: Pick<Session, 'query'>): Promise<IdentityHasher> {
  const drawn = (await drawnKey(session)) ?? (await drawKey(session));
  const key = createSecretKey(Buffer.from(drawn, 'hex'));
  return number => createHmac('sha256', key).update(number).digest();
}

async function drawnKey(session: Pick<Session, 'query'>): Promise<string | undefined> {
  const [row] = await session.query<{ key: string }>(
    "select value #>> '{}' as key from settings where key = 'identity-key'",
  );
  return row?.key;
}

/** Another session's, where it draws at the same time. */
async function drawKey(session: Pick<Session, 'query'>): Promise<string> {
  await session.query(
    `insert into settings (key, value) values ('identity-key', to_jsonb($1::text))
     on conflict do nothing`,
    [randomBytes(KEY_BYTES).toString('hex')],
  );
  return (await drawnKey(session)) ?? '';
}
