/** The coverage 覆盖 of a policy as a page: rule by rule, gaps in colour and in words. */
import type {
  ConditionCoverage,
  Count,
  RuleCoverage,
} from '../../engine/policy/coverage/coverage.ts';
import {
  countText,
  ruleText,
  STATE_TITLES,
  summaryOf,
  wantingOf,
} from '../../engine/policy/coverage/summary.ts';
import { basisWords, CHOICE_TITLES } from '../../engine/policy/handbook/words.ts';
import type { FullPolicy, PolicyBundle } from '../../engine/policy/types.ts';
import { pageEnd, pageStart } from '../render/html-page.ts';
import { escapeHtml } from '../render/html-text.ts';

const STYLE = `<style>
.figures { grid-template-columns: repeat(5, 1fr); }
.coverage td.gap { background: #fdf0ec; color: #8f1d1d; }
.coverage tr.rule td { background: #eef2f6; font-weight: bold; border-top: 1.5px solid #1a1a1a; }
.coverage tr.rule td.state.never-fired, .coverage tr.rule td.state.never-evaluated {
  color: #8f1d1d; }
.coverage td.condition { padding-left: 22px; }
.coverage tbody { break-inside: avoid; }
</style>`;

export interface CoverageHead {
  readonly policy: FullPolicy;
  readonly madeOn: string;
  /** What was looked at: 样例 58 条, 运行 … */
  readonly sources: string;
  readonly notes: readonly string[];
}

export function coverageHtml(
  coverage: readonly RuleCoverage[],
  bundle: PolicyBundle,
  head: CoverageHead,
): string {
  const { rules, conditions, bothWays, decisive, neverAlone } = summaryOf(coverage);
  const figures: readonly (readonly [string, string])[] = [
    ['起过作用的规则', `${rules.fired} / ${coverage.length}`],
    ['从未起作用', String(rules['never-fired'])],
    ['从未判定', String(rules['never-evaluated'])],
    ['条件见过成立和不成立', `${bothWays} / ${conditions}`],
    ['条件单独起过决定作用', `${decisive} / ${conditions - neverAlone}`],
  ];
  const stages = [...new Set(coverage.map(each => each.stage))].map(stage => {
    const own = coverage.filter(each => each.stage === stage);
    const title = CHOICE_TITLES['stage']?.[stage] ?? stage;
    const bodies = own.map(each => ruleHtml(each, head.policy));
    const heading = `<h2>${title}（${own.length} 条）</h2>`;
    return `<section>${heading}${tableStart()}${bodies.join('\n')}</table></section>`;
  });
  const facts: readonly (readonly [string, string])[] = [
    ['政策', `${bundle.id}（${bundle.season} 年）`],
    ['制成', head.madeOn],
    ['来源', head.sources],
    ['内容哈希', bundle.base.hash],
  ];
  const pairs = (list: readonly (readonly [string, string])[]) =>
    list.map(([a, b]) => `<div><dt>${escapeHtml(a)}</dt><dd>${escapeHtml(b)}</dd></div>`).join('');
  const sample = bundle.usesSampleBasis ? '<p class="sample">示例数据</p>' : '';
  const notes = head.notes.map(note => `<p class="note">${escapeHtml(note)}</p>`).join('');
  return (
    pageStart(`${bundle.title}规则覆盖`, bundle.usesSampleBasis, false) +
    `${STYLE}<main><header>${sample}<h1>${escapeHtml(bundle.title)}</h1><h2>规则覆盖</h2>` +
    `<dl class="head">${pairs(facts)}</dl></header><dl class="figures">${pairs(figures)}</dl>` +
    `${notes}${stages.join('\n')}</main>${pageEnd()}`
  );
}

const HEADS = ['规则／条件', '判定／成立', '起作用／不成立', '缺数据／单独决定', '欠缺'];
const WIDTHS = [40, 15, 15, 13, 17];

function tableStart(): string {
  const columns = WIDTHS.map(width => `<col style="width:${width}%">`).join('');
  const heads = HEADS.map(title => `<th>${title}</th>`).join('');
  return (
    `<table class="coverage" style="table-layout:fixed"><colgroup>${columns}</colgroup>` +
    `<thead><tr>${heads}</tr></thead>`
  );
}

function ruleHtml(rule: RuleCoverage, policy: FullPolicy): string {
  const basis = escapeHtml(basisWords(policy, rule.basis));
  const head =
    `<tr class="rule"><td>${escapeHtml(ruleText(rule))}<br>` +
    `<span class="note">${basis}</span></td>` +
    `<td>判定：${countText(rule.evaluated)}</td><td>起作用：${countText(rule.fired)}</td>` +
    `<td>${missingText(rule.missing)}</td>` +
    `<td class="state ${rule.state}">${STATE_TITLES[rule.state]}</td></tr>`;
  return `<tbody>${head}${rule.conditions.map(conditionHtml).join('')}</tbody>`;
}

function missingText(missing: Count): string {
  return missing.examples + missing.runs === 0 ? '' : `缺数据：${countText(missing)}`;
}

function conditionHtml(condition: ConditionCoverage): string {
  const { text, isTrue, isFalse, decisive, canDecide } = condition;
  const cell = (count: Count, wanted: boolean) => {
    const gap = wanted && count.examples + count.runs === 0 ? ' class="gap"' : '';
    return `<td${gap}>${countText(count)}</td>`;
  };
  const wanting = wantingOf(condition);
  const said = wanting.length > 0 ? wanting.join('；') : canDecide ? '' : '不会单独决定';
  return (
    `<tr><td class="condition">${escapeHtml(text)}</td>${cell(isTrue, true)}` +
    `${cell(isFalse, true)}${cell(decisive, canDecide)}` +
    `<td${wanting.length > 0 ? ' class="gap"' : ''}>${said}</td></tr>`
  );
}
