/**
 * candidate-outcome (考生去向查询): where a candidate is now and why – every choice of every dispatch
 * that the candidate took part in, with the rule or the room that decided it, the candidate's own
 * values, and the article it rests on. Nobody else's name or number is shown.
 */
import { basisWords } from '../../engine/policy/handbook/words.ts';
import type { Policy } from '../../engine/policy/types.ts';
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { batchOf, effectivePolicy } from '../policy-words.ts';
import { asReader } from '../reader.ts';
import {
  defineReport,
  type Figure,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { readScopeNames } from '../scope-words.ts';
import {
  isFixedReason,
  isMajorReason,
  reasonTitle,
  refusedBy,
  SUGGESTION_TITLES,
} from '../words.ts';
import {
  type CandidateStanding,
  type Decision,
  type LastMove,
  readChoices,
  readDecisions,
  readLastMove,
  readSchoolNumbers,
  readStanding,
} from './candidate-rows.ts';
import { type Explained, explainChoices } from './one-candidate.ts';
import { type Placing, reasonSentence, type SchoolNumbers } from './reason-sentences.ts';
import { moveFigure, standingFigures } from './standing.ts';

export const candidateOutcome = defineReport({
  id: 'candidate-outcome',
  title: '考生去向查询',
  menu: '数据查询',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['candidate_no'],
    properties: { candidate_no: PARAMETERS.candidate_no, batch: PARAMETERS.batch },
  },
  sections: [
    {
      id: 'choices',
      title: '各志愿的结果与理由',
      order: '投档先后，志愿序号',
      empty: '该考生没有参加过投档。',
      columns: [
        { key: 'run', title: '运行', type: 'integer', width: 6 },
        { key: 'date', title: '日期', type: 'date', width: 10 },
        { key: 'batch', title: '批次', type: 'text', width: 12 },
        { key: 'round', title: '轮次', type: 'integer', width: 5 },
        { key: 'ordinal', title: '志愿序号', type: 'integer', width: 5 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 20 },
        { key: 'result', title: '结果', type: 'text', width: 16 },
        { key: 'why', title: '为什么', type: 'text', width: 50 },
        { key: 'basis', title: '依据', type: 'text', width: 24 },
        { key: 'code', title: '代码', type: 'code', width: 16 },
      ],
    },
    {
      id: 'rules',
      title: '逐条规则的判断',
      order: '投档先后，志愿序号，规则先后',
      empty: '没有因规则而不投的志愿。',
      note: '只列因规则而不投的志愿；每条条件后是本人的数值。',
      columns: [
        { key: 'run', title: '运行', type: 'integer', width: 6 },
        { key: 'ordinal', title: '志愿序号', type: 'integer', width: 5 },
        { key: 'title', title: '规则', type: 'text', width: 20 },
        { key: 'outcome', title: '判断', type: 'text', width: 10 },
        { key: 'sentence', title: '条件与本人数值', type: 'text', width: 50 },
        { key: 'basis', title: '依据', type: 'text', width: 24 },
        { key: 'rule', title: '规则代码', type: 'code', width: 16 },
      ],
    },
  ],
  definitions: [
    { term: '投档', meaning: '把考生档案送到院校，还不是录取。' },
    { term: '投档分', meaning: '总分加经确认的照顾加分。' },
    { term: '位次', meaning: '在同一次投档的考生中的名次；同分同名次。' },
    { term: '可投人数', meaning: '计划按投档比例取整，加机动计划，减已占用名额。' },
  ],
  select,
});

/** What a rule said, in Chinese. */
export const RULE_OUTCOMES: Readonly<Record<string, string>> = {
  pass: '通过',
  skip: '不适用',
  refuse: '不通过',
  'missing-data': '资料不全',
  'not-reached': '未再检查',
};

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const candidate = String(parameters['candidate_no']);
  // Found in the reader's scope; the runs that decided are told whole, schools' numbers included.
  const { standing, move } = await asReader(context, candidateOutcome, parameters, async () => {
    const found = await readStanding(session, season, candidate);
    return { standing: found, move: await readLastMove(session, season, found) };
  });
  const batch = parameters['batch'] === undefined ? null : String(parameters['batch']);
  const decisions = await readDecisions(session, season, standing, batch);
  const choices: Row[] = [];
  const rules: Row[] = [];
  for (const decision of decisions) {
    const policy = await effectivePolicy(session, decision.policy);
    const told = await tell(context, standing, decision, policy);
    choices.push(...told.choices);
    rules.push(...told.rules);
  }
  const last = decisions.at(-1);
  const names = await readScopeNames(session, season, batch === null ? {} : { batch });
  const head = await readHead(session, season, {
    scope: [`${standing.cityName} · 考生 ${standing.candidateNo}`, names.batch]
      .filter(text => text !== null)
      .join(' · '),
    businessDate: last?.date ?? null,
    runs: decisions.map(decision => decision.run),
  });
  return {
    head,
    findings: [],
    figures: [...standingFigures(standing, last), ...(await moved(session, move))],
    rows: { choices, rules },
  };
}

async function moved(
  session: SelectContext['session'],
  move: LastMove | null,
): Promise<readonly Figure[]> {
  return move === null ? [] : [moveFigure(move, await effectivePolicy(session, move.policy))];
}

/** One run's decisions about the candidate, choice by choice. */
async function tell(
  context: SelectContext,
  standing: CandidateStanding,
  decision: Decision,
  policy: Policy | null,
): Promise<{ choices: Row[]; rules: Row[] }> {
  const { session, season } = context;
  const { round: choicesRound, choices } = await readChoices(session, season, standing, decision);
  const reasons = reasonsOf(decision.reasons);
  const schools = [...new Set(choices.map(choice => choice.school))];
  const numbers = await readSchoolNumbers(session, season, standing.city, decision.run, schools);
  const explained = await explain(context, standing, decision, policy, choicesRound, numbers);
  const batch = batchOf(policy, decision.batch);
  const rows = choices
    .filter(choice => reasons.has(choice.ordinal))
    .map(choice => {
      const code = reasons.get(choice.ordinal) as string;
      const byRules = explained.get(choice.ordinal);
      const placing: Placing = {
        ordinal: choice.ordinal,
        score: decision.score,
        position: decision.position,
        placedOrdinal: decision.ordinal,
        major: majorSentence(decision),
      };
      return {
        run: decision.run,
        date: decision.date,
        batch: batch?.title ?? decision.batch,
        round: decision.round,
        ordinal: choice.ordinal,
        school: choice.school,
        schoolName: choice.schoolName,
        result: resultTitle(code, byRules),
        why:
          byRules === undefined
            ? reasonSentence(code, placing, numbers.get(choice.school) ?? null, batch)
            : rulesSentence(code, byRules),
        basis: basisOf(policy, byRules, batch?.basis ?? null),
        code,
      };
    });
  return { choices: rows, rules: ruleRows(decision, policy, explained) };
}

async function explain(
  { session, season }: SelectContext,
  standing: CandidateStanding,
  decision: Decision,
  policy: Policy | null,
  choicesRound: number,
  numbers: ReadonlyMap<string, SchoolNumbers>,
): Promise<Map<number, Explained>> {
  const ordinals = ruledOrdinals(decision);
  const batch = batchOf(policy, decision.batch);
  if (policy === null || batch === null || ordinals.size === 0) return new Map();
  const key = {
    season,
    city: standing.city,
    batch: decision.batch,
    round: decision.round,
    choicesRound,
    date: decision.date,
    attributes: policy.attributes.map(attribute => attribute.name),
    file: standing.file,
  };
  const explained = await explainChoices(session, key, policy, batch, ordinals, numbers);
  return new Map(explained.map(one => [one.ordinal, one]));
}

/** Choices that a rule refused; `missing-data` without a total comes before any rule. */
function ruledOrdinals(decision: Decision): Set<number> {
  const ordinals = new Set<number>();
  for (const [ordinal, code] of reasonsOf(decision.reasons)) {
    const ofRun = isFixedReason(code) || isMajorReason(code);
    const byRule = code === 'missing-data' ? decision.score !== null : !ofRun;
    if (byRule) ordinals.add(ordinal);
  }
  return ordinals;
}

/** `1:full;2:placed` → 1 → full, 2 → placed. */
function reasonsOf(text: string): Map<number, string> {
  const pairs = text.split(';').filter(part => part !== '');
  return new Map(
    pairs.map(part => {
      const colon = part.indexOf(':');
      return [Number(part.slice(0, colon)), part.slice(colon + 1)];
    }),
  );
}

function resultTitle(code: string, explained: Explained | undefined): string {
  const rule = explained?.rules.find(one => one.code === code);
  if (rule !== undefined) return refusedBy(rule.title);
  return reasonTitle(code, new Map());
}

/** The conditions of the rule that refused, with the candidate's values. */
function rulesSentence(code: string, explained: Explained): string {
  const rule = explained.rules.find(one => one.code === code);
  if (rule === undefined) {
    return '当时由规则判定不投；资料此后有变动，现在的资料得不出同样的判断，以当时的记录为准。';
  }
  const failing = rule.atoms.filter(atom => atom.holds !== true);
  return `${(failing.length > 0 ? failing : rule.atoms).map(atom => atom.sentence).join('；')}。`;
}

function basisOf(
  policy: Policy | null,
  explained: Explained | undefined,
  batchBasis: string | null,
): string {
  const rule = explained?.rules.find(one => one.code !== null);
  const basis = rule?.basis ?? batchBasis;
  return basis === null ? '' : basisWords(policy, basis);
}

function majorSentence(decision: Decision): string {
  if (decision.major !== null) {
    return `建议专业：${decision.majorName ?? ''}（${decision.major}），由院校决定。`;
  }
  const title = (SUGGESTION_TITLES as Record<string, string>)[decision.suggestionReason] ?? '';
  return title === '' ? '' : `没有建议专业：${title}。`;
}

function ruleRows(
  decision: Decision,
  policy: Policy | null,
  explained: ReadonlyMap<number, Explained>,
): Row[] {
  return [...explained.values()].flatMap(({ ordinal, rules }) =>
    rules.map(rule => ({
      run: decision.run,
      ordinal,
      title: rule.title,
      outcome: RULE_OUTCOMES[rule.outcome] ?? rule.outcome,
      sentence: rule.atoms.map(atom => atom.sentence).join('；'),
      basis: basisWords(policy, rule.basis),
      rule: rule.rule,
    })),
  );
}
