/** The policies in effect, read once per act and city. */
import type { Session } from '../../db/connect.ts';
import { readPolicy, type StoredPolicy } from '../../db/policies.ts';
import { emptyOverlayHash, policyFromStored } from '../../engine/policy/load.ts';
import type { FullPolicy, PolicyVersion } from '../../engine/policy/types.ts';
import { actError } from './errors.ts';

export class CityPolicies {
  readonly #session: Session;
  readonly #season: number;
  #stored: StoredPolicy | undefined;

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

  async #read(): Promise<StoredPolicy> {
    this.#stored ??= (await readPolicy(this.#session, this.#season)) ?? undefined;
    if (this.#stored === undefined) throw actError('no-policy', { season: this.#season });
    return this.#stored;
  }
}
