/** A property of file-life.md as it is recounted over a season, in a city and over the province. */
import type { Fault, PropertyId, Question, SharedRelation } from '../audit/property.ts';
import type { ManyCase, SeasonCase } from './season-case.ts';

export interface SeasonProperty {
  readonly id: PropertyId;
  /** Chinese. */
  readonly title: string;
  /** What can be said of one city, as questions to the database: of one city, or of many. */
  questions?(audit: SeasonCase): readonly Question[] | Promise<readonly Question[]>;
  /** What its questions stand on, where they have it in common. */
  shared?(audit: SeasonCase): SharedRelation;
  /** What can be said of a city otherwise. */
  readonly beside?: BesideQuestions;
  /** What only the whole province shows. */
  province?(audit: SeasonCase): Promise<Fault[]>;
}

export interface BesideQuestions {
  city(audit: SeasonCase): Promise<Fault[]>;
  /** Of many cities, those of which it would tell something; maybe some of which it would not. */
  suspects(audit: ManyCase): Promise<ReadonlySet<string>>;
}
