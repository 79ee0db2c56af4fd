/**
 * Who speaks on the command line: by a token, by a password, or – in a sample database and only
 * when the operator says so – by name alone.
 */
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { seeSession } from '../../db/access/sessions.ts';
import { signIn } from '../../db/access/sign-in.ts';
import { isSampleDatabase } from '../../db/policies.ts';
import type { Options } from './command.ts';
import { cliError } from './errors.ts';
import type { Province } from './province.ts';

/** Who has proved to be who, and by which session where there is one. */
export interface Signed {
  readonly user: string;
  readonly token?: string;
}

/**
 * The user of `--as`, after proof: `--token` or ZHONGZHAO_TOKEN, else the password, asked on a
 * terminal or read as the first line of standard input. ZHONGZHAO_TRUST_LOCAL=1 waives it in sample
 * databases.
 *
 * @throws CodedError whatever signing in refuses; trust-needs-sample
 */
export async function signedUser(province: Province, options: Options): Promise<Signed> {
  const user = String(options['as'] ?? '');
  const token = options['token'] ?? process.env['ZHONGZHAO_TOKEN'];
  const at = province.now();
  if (typeof token === 'string' && token !== '') {
    const open = await province.database.transaction(session => seeSession(session, token, at));
    if (open === null) throw cliError('token-ended');
    if (open.user !== user) throw cliError('token-of-another', { user });
    return { user, token };
  }
  if (process.env['ZHONGZHAO_TRUST_LOCAL'] === '1') {
    if (await province.database.transaction(isSampleDatabase)) return { user };
    throw cliError('trust-needs-sample');
  }
  const password = await askPassword(user);
  const signed = await province.database.transaction(session =>
    signIn(session, { user, password, at }),
  );
  if (!signed.signedIn) throw signed.refusal;
  return { user };
}

/** Asked on a terminal, or the first line of standard input; never shown. @throws no-password */
export async function askPassword(user: string): Promise<string> {
  const terminal = process.stdin.isTTY === true;
  // What is typed is not shown: the line editor writes into nothing.
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (terminal) process.stderr.write(`${user} 的口令：`);
  const lines = createInterface({ input: process.stdin, output: hidden, terminal });
  try {
    for await (const line of lines) return line;
    throw cliError('no-password', { user });
  } finally {
    lines.close();
    if (terminal) process.stderr.write('\n');
  }
}
