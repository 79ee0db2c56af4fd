/**
 * Passwords as they are kept: scrypt, each hash with its own parameters, so that dearer ones can
 * come later without asking anybody for a new password.
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { accessError } from './errors.ts';

export interface ScryptCost {
  /** log2 of N */
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and about 0.1 s for each attempt. */
export const SCRYPT_COST: ScryptCost = { logN: 15, r: 8, p: 1 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const PASSWORD_LENGTH_MIN_CHARACTERS = 10;
/** Longer ones only cost time. */
const PASSWORD_LENGTH_MAX_CHARACTERS = 200;
const DISTINCT_MIN_CHARACTERS = 5;
export const HISTORY_MAX_PASSWORDS = 5;

/** Long enough, with letters and digits, and at the head of every list of leaked passwords. */
const COMMON = new Set([
  'a123456789',
  'aa123456789',
  'abc123456789',
  'abc1234567',
  'abcd123456',
  'abcd1234567',
  'abcde12345',
  'admin12345',
  'admin123456',
  'asd123456789',
  'iloveyou123',
  'passw0rd123',
  'password10',
  'password12',
  'password123',
  'password1234',
  'q1w2e3r4t5',
  'q1w2e3r4t5y6',
  'qq123456789',
  'qwe123456789',
  'qwer123456',
  'qwerty1234',
  'qwerty12345',
  'qwerty123456',
  'qwertyuiop1',
  'welcome123',
  'woaini1314',
  'woaini1314520',
  'woaini520520',
  'zhongzhao123',
  'zhongzhao2016',
  'zxcvbnm123',
  '1q2w3e4r5t',
  '1q2w3e4r5t6y',
  '1qaz2wsx3edc',
  '123456789a',
  '1234567890a',
  '123456789abc',
]);

/** Hashes a password under a new salt, with these parameters. */
export async function hashPassword(
  password: string,
  cost: ScryptCost = SCRYPT_COST,
  salt: Buffer = randomBytes(SALT_BYTES),
): Promise<string> {
  const hash = await derive(password, salt, cost);
  const { logN, r, p } = cost;
  return ['scrypt', logN, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Whether the password is the one of the hash; compared in constant time. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [kind, logN, r, p, salt, hash] = stored.split('$');
  if (kind !== 'scrypt' || salt === undefined || hash === undefined) return false;
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  const expected = Buffer.from(hash, 'base64url');
  const found = await derive(password, Buffer.from(salt, 'base64url'), cost);
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/** Spends what verifying a password costs, for a user who does not exist. */
export async function verifyNothing(
  password: string,
  cost: ScryptCost = SCRYPT_COST,
): Promise<false> {
  await derive(password, Buffer.alloc(SALT_BYTES), cost);
  return false;
}

function derive(password: string, salt: Buffer, { logN, r, p }: ScryptCost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 2 * 128 * r * 2 ** logN };
  // The same password typed on another machine may arrive composed otherwise.
  const text = password.normalize('NFKC').slice(0, PASSWORD_LENGTH_MAX_CHARACTERS * 2);
  return new Promise((resolve, reject) => {
    scrypt(text, salt, HASH_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** @throws weak-password, with the reason in Chinese */
export function requireStrongPassword(password: string, user: string): void {
  const reason = weakness(password, user);
  if (reason === undefined) return;
  throw accessError('weak-password', { reason, length: PASSWORD_LENGTH_MIN_CHARACTERS });
}

function weakness(password: string, user: string): string | undefined {
  const characters = [...password];
  if (characters.length < PASSWORD_LENGTH_MIN_CHARACTERS) {
    return `不足 ${PASSWORD_LENGTH_MIN_CHARACTERS} 位`;
  }
  if (characters.length > PASSWORD_LENGTH_MAX_CHARACTERS) {
    return `超过 ${PASSWORD_LENGTH_MAX_CHARACTERS} 位`;
  }
  if (!/\p{L}/u.test(password) || !/\p{Nd}/u.test(password)) return '须同时含有字母与数字';
  const lower = password.toLowerCase();
  if (lower.includes(user.toLowerCase())) return '不能包含用户名';
  if (COMMON.has(lower) || new Set(lower).size < DISTINCT_MIN_CHARACTERS) return '过于常见';
  return undefined;
}

/** @throws reused-password where it is one of the last five */
export async function requireNewPassword(
  password: string,
  history: readonly string[],
): Promise<void> {
  for (const former of history.slice(0, HISTORY_MAX_PASSWORDS)) {
    if (!(await verifyPassword(password, former))) continue;
    throw accessError('reused-password', { count: HISTORY_MAX_PASSWORDS });
  }
}
