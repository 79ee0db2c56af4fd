/**
 * What a city signs, and what the province answers; the draws of lots; rounds with new choices.
 *
 * Decisions that took thought:
 * - A version of an overlay never changes (policy_overlays is append-only), so that it was signed
 *   stands in a table of its own. An edit by one officer makes a version that nobody has signed: a
 *   dispatch needs the latest one signed by two (spec/policy.md "Base and overlays").
 * - Principles 录取原则 are papers: kept are their hash, where they lie, who signed, what the province
 *   said. An objection is answered by a further filing, so that both stay on record.
 * - A draw is published (hash of the applicants) before it is drawn (seed): two moments of one row.
 *   No seed comes twice in a season, by the database.
 */
import type { Knex } from 'knex';
import { CITY, protect, WHOLE_CITY } from './protect.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(TABLES);
  await knex.raw(FORMER_VERSIONS);
  await knex.raw(RIGHTS);
  await protect(knex, 'overlay_signatures', {
    office: CITY,
    school: 'true',
    officeWrites: 'false',
  });
  await protect(knex, 'city_principles', { office: CITY, officeWrites: WHOLE_CITY });
  await protect(knex, 'lottery_draws', { office: CITY, school: 'true', officeWrites: WHOLE_CITY });
}

const TABLES = `
create table overlay_signatures (
  season smallint not null,
  city text not null,
  version integer not null,
  signed_by text not null,
  countersigned_by text, -- null: came with the base, which is signed as a whole
  signed_at timestamptz not null,
  primary key (season, city, version),
  foreign key (season, city, version) references policy_overlays,
  check (countersigned_by <> signed_by)
);
create trigger append_only before update or delete or truncate on overlay_signatures
  for each statement execute function refuse_change();

create table city_principles (
  season smallint not null references seasons,
  city text not null,
  filing integer not null, -- counted per city and season; the highest stands
  document_hash text not null check (document_hash ~ '^[0-9a-f]{64}$'),
  document_reference text not null,
  overlay_version integer not null, -- the settings that were signed with them
  signed_by text not null,
  countersigned_by text not null check (countersigned_by <> signed_by),
  filed_at timestamptz not null,
  filed_on date not null,
  late boolean not null, -- after the policy's deadline
  state text not null default 'filed' check (state in ('filed', 'acknowledged', 'objected')),
  answered_by text,
  answered_at timestamptz,
  reason text, -- of an objection
  primary key (season, city, filing),
  check ((state = 'filed') = (answered_by is null)),
  check (state <> 'objected' or reason is not null)
);

create table lottery_draws (
  season smallint not null references seasons,
  city text not null,
  draw integer not null, -- counted per city and season
  batch text not null,
  round smallint not null,
  input_hash text not null check (input_hash ~ '^[0-9a-f]{64}$'), -- as the run's (dispatch.md §7)
  published_by text not null,
  published_at timestamptz not null,
  published_on date not null,
  seed text, -- null: published, not drawn
  overlay_version integer,
  drawn_by text, -- who proposed, and who confirmed
  confirmed_by text check (confirmed_by <> drawn_by),
  drawn_at timestamptz,
  primary key (season, city, draw),
  check ((seed is null) = (confirmed_by is null))
);
create unique index lottery_draws_seed on lottery_draws (season, seed) where seed is not null;

-- Opened for new choices: not dispatched before there are any.
alter table rounds add column new_choices boolean not null default false;
`;

/** Versions of before were in force as they stood, and stay so. */
const FORMER_VERSIONS = `
insert into overlay_signatures (season, city, version, signed_by, signed_at)
  select season, city, version, adopted_by, adopted_at from policy_overlays;
`;

/** Signatures belong to the policy: written by the runner alone. */
const RIGHTS = `
revoke insert, update, delete on overlay_signatures from zhongzhao_app;
revoke delete on city_principles, lottery_draws from zhongzhao_app;
`;
