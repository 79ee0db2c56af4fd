/**
 * Daily seals of the trail (封签): where each chain stood on a business date, and one hash over all
 * of them, chained to the seal before (db/trail/seal.ts). Append-only like the trail itself.
 *
 * Who may write to the database could rewrite these tables with the rest. They are here so that a
 * report can show them; what proves something is the copy kept elsewhere.
 */
import type { Knex } from 'knex';
import { CITY, protect } from './protect.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(SEALS);
  // What a seal is good for is that others have it too: every office may read its cities' heads.
  await protect(knex, 'seal_heads', { office: CITY, officeWrites: 'false' });
}

const SEALS = `
create table seals (
  season smallint not null references seasons,
  seal integer not null check (seal >= 1), -- numbered per season, without gaps
  business_date date not null,
  sealed_at timestamptz not null, -- to the millisecond: it is part of what is hashed
  previous_hash text not null,
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  run integer references runs,
  primary key (season, seal),
  unique (season, business_date)
);

-- The last block of each chain that had any.
create table seal_heads (
  season smallint not null,
  seal integer not null,
  city text not null, -- '': the province's own chain
  block integer not null,
  last_event integer not null,
  hash text not null,
  primary key (season, seal, city),
  foreign key (season, seal) references seals (season, seal)
);

create trigger append_only before update or delete or truncate on seals
  for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on seal_heads
  for each statement execute function refuse_change();

revoke insert, update, delete on seals, seal_heads from zhongzhao_app;
`;
