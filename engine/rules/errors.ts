/** The errors of this room. All but `unknown-fact` mean that a run must not go on. */
import { errorTable, thrower } from '../errors.ts';

export const RULE_ERRORS = errorTable({
  'rule-failed': {
    sentence: '规则 {rule} 求值时出错：{reason}。',
    advice: '请检查该规则的条件和所用事实，改正政策后重新运行。',
    exitCode: 5,
  },
  'rule-undecided': {
    sentence: '规则引擎没有给出规则 {rule} 的结论。',
    advice: '请勿采用本次结果；请重新安装依赖（npm ci）后再运行。',
    exitCode: 5,
  },
  'atom-differs': {
    sentence: '规则 {rule} 的条件“{atom}”，情形表与规则引擎结论不同。',
    advice: '请勿采用本次结果；请重新安装依赖（npm ci）后再运行，并报告技术人员。',
    exitCode: 5,
  },
  'unknown-operator': {
    sentence: '规则 {rule} 用了规则引擎没有的运算符“{operator}”。',
    advice: '请改用政策手册所列的运算符。',
    exitCode: 3,
  },
  'unknown-condition': {
    sentence: '规则 {rule} 引用了没有定义的条件“{condition}”。',
    advice: '请在 policy.yaml 的 conditions 下定义该条件，或改正名称。',
    exitCode: 3,
  },
  'condition-too-deep': {
    sentence: '规则 {rule} 的条件嵌套超过 {limit} 层，或条件之间循环引用。',
    advice: '请减少嵌套，去掉循环引用。',
    exitCode: 3,
  },
  'rule-too-wide': {
    sentence: '规则 {rule} 的条件太多，情形超过上限 {limit}。',
    advice: '请把该规则拆成几条。',
    exitCode: 3,
  },
  'fact-type': {
    sentence: '事实 {fact} 应为{expected}，实际出现了 {found}。',
    advice: '请勿采用本次结果；请检查导入的数据与政策声明的类型是否一致。',
    exitCode: 5,
  },
  'unknown-fact': {
    sentence: '规则 {rule} 所用的事实 {fact} 没有提供。',
    advice: '请改用本环节已有的事实；没有值的事实应给出空值。',
    exitCode: 3,
  },
  'fact-not-of-stage': {
    sentence: '环节 {stage} 没有事实 {fact}。',
    advice: '这是程序错误，请报告技术人员。',
    exitCode: 5,
  },
  'no-target': {
    sentence: '规则要按{target}判断，但给出的判断对象没有{target}。',
    advice: '这是程序错误，请报告技术人员。',
    exitCode: 5,
  },
  'code-index': {
    sentence: '结论代码 {code} 的序号 {index} 不在 1 到 255 之间。',
    advice: '请减少规则的结论代码，或报告技术人员。',
    exitCode: 5,
  },
  'stage-busy': {
    sentence: '同一环节的规则正在判断，不能同时再判断一次。',
    advice: '这是程序错误，请报告技术人员。',
    exitCode: 5,
  },
});

export const ruleError = thrower(RULE_ERRORS);
