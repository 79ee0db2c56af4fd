/** Who acts: a user with scope and functions. */
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { Session } from '../connect.ts';

export interface User {
  readonly user: string;
  readonly side: 'office' | 'school';
  readonly level: 'province' | 'city' | 'county' | 'school';
  readonly region: string;
  readonly cities: readonly string[] | 'all';
  readonly county: string | null;
  readonly kinds: readonly string[];
  readonly school: string | null;
  readonly duties: readonly string[];
  readonly functions: ReadonlySet<string>;
  readonly disabled: boolean;
  readonly mustChangePassword: boolean;
  readonly declaration: { readonly relatives: readonly string[] } | null;
}
export declare function readUser(
  session: Pick<Session, 'query'>,
  season: number,
  name: string,
  policy: FullPolicy,
): Promise<User | null>;
export declare function enterScope(session: Session, user: User): Promise<void>;
export declare function leaveScope(session: Session): Promise<void>;
