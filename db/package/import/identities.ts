/**
 * Identity numbers, once in the province: small rows of (HMAC, file) that stand beside the
 * candidates (design.md "Tables").
 */
import type { Session } from '../../connect.ts';
import { copyIn } from '../../copy.ts';
import { identityHasher } from '../../identity-hmac.ts';
import type { PeopleImport } from './people.ts';

/** Records whose the identity numbers of the package's candidates are; call after `candidates`. */
export async function importIdentities(context: PeopleImport): Promise<void> {
  const { session, fresh } = context;
  if (!fresh) {
    await session.query('drop table if exists pg_temp.incoming_identities');
    await session.query(
      `create temporary table incoming_identities
         (like identities, identity_no text not null) on commit drop`,
    );
  }
  await copyIdentities(context);
  if (!fresh) await settleIdentities(session);
}

async function copyIdentities({ session, season, checked, fresh }: PeopleImport): Promise<void> {
  const { candidates } = checked;
  const hmacOf = await identityHasher(session);
  const target = fresh ? 'identities' : 'incoming_identities';
  const last = fresh ? '' : ', identity_no';
  await copyIn(session, `${target} (season, identity_hmac, city, file${last})`, async writer => {
    for (let candidate = 0; candidate < candidates.count; candidate += 1) {
      const identity = candidates.identity.at(candidate);
      if (identity === 0) continue;
      const number = candidates.identities.text(identity - 1);
      writer.int(season);
      writer.text(`\\x${hmacOf(number).toString('hex')}`);
      writer.text(candidates.cityCode(candidate));
      writer.int(candidates.file.at(candidate));
      if (!fresh) writer.text(number);
      const wait = writer.endRow();
      if (wait !== undefined) await wait;
    }
  });
}

/** A candidate whose number was edited gives the old one up; an edit that was refused does not. */
async function settleIdentities(session: Session): Promise<void> {
  await session.query('analyze incoming_identities');
  await session.query(
    `delete from incoming_identities i using candidates c
      where (c.season, c.city, c.file) = (i.season, i.city, i.file)
        and c.identity_no <> i.identity_no`,
  );
  await session.query(
    `delete from incoming_identities i using identities t
      where (t.season, t.identity_hmac) = (i.season, i.identity_hmac)`,
  );
  await session.query(
    `delete from identities t using incoming_identities i
      where (t.season, t.city, t.file) = (i.season, i.city, i.file)`,
  );
  await session.query(
    `insert into identities (season, identity_hmac, city, file)
     select season, identity_hmac, city, file from incoming_identities`,
  );
}
