/** The policies in effect, read once per act and city. */
import type { Session } from '../../db/connect.ts';
import { policyVersionId, readPolicy, type StoredPolicy } from '../../db/policies.ts';
import { emptyOverlayHash, policyFromStored } from '../../engine/policy/load.ts';
import type { FullPolicy, PolicyVersion } from '../../engine/policy/types.ts';
import { actError } from './errors.ts';

export class CityPolicies {
  readonly #session: Session;
  readonly #season: number;
  #stored: StoredPolicy | undefined;
  readonly #ids = new Map<string | null, Promise<number>>();

  constructor(session: Session, season: number) {
    this.#session = session;
    this.#season = season;
  }

  /** @param city null: the province's @throws no-policy */
  async of(city: string | null): Promise<FullPolicy> {
    const { base, overlays } = await this.#read();
    const overlay = city === null ? undefined : overlays.get(city);
    return policyFromStored(base.documents, overlay?.document ?? null);
  }

  async versionOf(city: string | null): Promise<PolicyVersion> {
    const { base, overlays } = await this.#read();
    const overlay = city === null ? undefined : overlays.get(city);
    return { baseHash: base.hash, overlayHash: overlay?.hash ?? emptyOverlayHash() };
  }

  /** The number under which events and ledger name the city's policy. */
  idOf(city: string | null): Promise<number> {
    const known = this.#ids.get(city) ?? this.#askId(city);
    this.#ids.set(city, known);
    return known;
  }

  /** After a rollback: a number given since then was given to nobody. */
  forgetIds(): void {
    this.#ids.clear();
  }

  async #askId(city: string | null): Promise<number> {
    const { baseHash, overlayHash } = await this.versionOf(city);
    return policyVersionId(this.#session, baseHash, overlayHash);
  }

  async #read(): Promise<StoredPolicy> {
    this.#stored ??= (await readPolicy(this.#session, this.#season)) ?? undefined;
    if (this.#stored === undefined) throw actError('no-policy', { season: this.#season });
    return this.#stored;
  }
}
