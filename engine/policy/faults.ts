/**
 * Every fault that the loader of policies can find: its code and its Chinese sentence, which says
 * what is wrong and what to do. Messages are a public interface; tests hold the codes.
 */
import type { Path } from './json.ts';

const SENTENCES = {
  // the file
  'file-too-large': '文件有 {bytes} 字节，超过上限 {limit} 字节，未读取；请检查是否放错了文件',
  'too-many-files': '文件夹内的文件超过 {limit} 个，其余未读取；请检查是否放错了文件夹',
  'invalid-utf8': '文件不是 UTF-8 编码；请用编辑器另存为 UTF-8',
  'nul-byte': '文件含有 NUL 字符（字节 0），可能不是文本文件；请重新保存',
  'control-character': '含有不可见的控制字符 {character}；请删除',
  'full-width':
    '引号之外有全角字符「{character}」，请改为半角「{instead}」；若是文字内容，请整体加引号',
  'too-deep': '层次超过 {limit} 层；请检查缩进和括号',
  'too-complex': '文件内容过于繁杂（超过 {limit} 个记号），未读取',
  'yaml-syntax': 'YAML 写法有误：{what}',
  'multiple-documents': '一个文件只能有一份文档；请删除「---」分隔的其余部分',
  'alias-forbidden': '不能使用锚点（&）和别名（*）；请把内容写全',
  'tag-forbidden': '不能使用标签「{name}」；请直接写值',
  'duplicate-key': '键「{name}」重复；请删去一个',
  'empty-document': '文件没有内容；请写入内容或删除文件',
  'more-problems': '此文件还有 {count} 个问题没有列出；请先改正前面的',
  'unknown-document': '不认识的文件名；政策文件夹内不应有这个文件',
  'missing-document': '缺少文件 {name}',
  unreadable: '文件无法读取：{what}',
  // the schema
  'unknown-key': '不认识的键「{name}」',
  'forbidden-key': '条件中不能写「{name}」；只能用 all、any、not、condition、fact、operator、value',
  'missing-key': '缺少「{name}」{title}',
  'number-not-quoted':
    '「{title}」应为文字：代码等须加引号，写作 "{value}"（不加引号会被当作数字）',
  'wrong-type': '「{title}」应为{expected}，现为{actual}',
  'unknown-value': '「{title}」不能是 {value}；可用的有 {allowed}',
  'bad-format': '「{title}」的写法不对：{description}',
  'out-of-range': '「{title}」超出范围：{description}',
  'wrong-count': '「{title}」的项数不对：{description}',
  schema: '不符合格式要求：{what}',
  // meaning
  'duplicate-id': '「{name}」重复；已在前面出现过',
  'unknown-basis': '依据「{name}」不在 policy.yaml 的 basis 中；没有文件依据的写 sample',
  'unknown-batch': '没有批次「{name}」',
  'unknown-phase': '没有阶段「{name}」',
  'unknown-feature': '没有照顾特征「{name}」',
  'unknown-subject': '没有科目「{name}」',
  'unknown-school': '没有院校「{name}」',
  'unknown-region': '没有地区「{name}」',
  'unknown-job': '没有作业「{name}」',
  'unknown-path': '路径「{name}」不存在；可用的有 {allowed}',
  'reserved-name': '属性名「{name}」已被占用；请换一个名称',
  'reserved-code': '代码「{name}」是投档本身的理由，规则不能使用；请换一个',
  'too-many-codes': '拒绝的代码超过 {limit} 种；同类条件请使用同一代码',
  'bad-date': '「{name}」不是实际存在的日期',
  'window-order': '时间段的末日 {to} 早于首日 {from}',
  'window-incomplete': '时间段须写首日和末日两个日期；不开放的写 null',
  'empty-validity': '有效期的截止日 {to} 不晚于起始日 {from}，规则永远无效',
  'bands-missing': '梯度模式（banded）至少要有一个梯度下限 bands',
  'bands-not-falling': '梯度下限须由高到低：{next} 不低于前一个 {before}',
  'bands-unused': '只有梯度模式（banded）使用 bands，这里的不起作用；可以删除',
  'bad-ratio': '投档比例须大于 0',
  'too-many-decimals': '{value} 多于两位小数；分数最多两位小数',
  'gap-in-lottery': '派位模式不能用专业级差（gap）',
  'gap-unused': '只有 majors.mode 为 gap 时使用级差，这里的不起作用；可以删除',
  'school-selection': '批次须写 schools 或 kinds 之一，且只写一个（另一个可写 null 清除）',
  'school-line-below-region': '院校线 {line} 低于该区域分数线 {region}；只能高于或等于',
  'overlay-other-city': '这里只能设本市（{city}）的分数线，不能设 {name} 的',
  'not-city-settable': '「{name}」由省统一规定，市不能自行设定（见 policy.yaml 的 city-may-set）',
  'own-system-by-province': '采用本市录取系统（own-system）只能由省设定',
  'own-system-delegated': 'own-system 只能由省设定，不能列入 city-may-set',
  'bad-city-file': '市的文件应命名为 cities/地市代码.yaml，如 cities/440100.yaml',
  'bad-number-pattern': '考生号样式有误：{what}',
  'bad-cron': '时刻「{name}」不是有效的五段 cron：分 时 日 月 星期',
  'job-cycle': '作业的先后成环：{name}',
  // conditions
  'mixed-condition': '一个条件只能用一种写法，这里同时有 {names}；请分开写成列表中的几项',
  'all-beside-any': 'all 与 any 不能并列（并列时 all 会被忽略）；请把一个写进另一个里面',
  'incomplete-condition': '比较须写全 fact、operator、value，缺少 {names}',
  'empty-condition': '条件是空的；请写 all、any、not、condition 或 fact',
  'empty-any': 'any 是空的，会被当作成立；请写出条件或删去',
  'empty-all': 'all 是空的，永远成立；请写出条件或删去',
  'bare-condition': '最外层须是 all、any、not 或 condition；请把比较写进 all 的列表里',
  'unknown-fact': '没有事实「{name}」',
  'fact-not-in-stage': '「{name}」（{title}）在{stage}时还不知道，不能使用',
  'fact-needs-major': '「{name}」（{title}）只能用于写明专业（major）的特殊条件',
  'unknown-operator': '没有运算「{name}」',
  'operator-mismatch': '「{fact}」是{type}，不能用运算 {name}；可用的有 {allowed}',
  'value-type-mismatch': '「{fact}」是{type}，比较值应为{expected}，现为{actual}',
  'value-fact-mismatch': '「{fact}」是{type}，而「{name}」是{other}，不能比较',
  'empty-list': '{name} 的列表是空的；请写出至少一个值',
  'unknown-condition': '没有命名条件「{name}」',
  'condition-cycle': '命名条件互相引用成环：{name}',
  'condition-too-large': '条件展开后超过 {limit} 个比较；请化简',
} as const;

export type FaultCode = keyof typeof SENTENCES;
export const FAULT_CODES = Object.keys(SENTENCES) as FaultCode[];

export type FaultDetail = Readonly<Record<string, string | number>>;

/** A fault at a path of a document; placed in its file by whoever knows the file. */
export interface Fault {
  readonly code: FaultCode;
  /** `batches`, `score-lines`, …; for tests the path of the file. */
  readonly document: string;
  readonly path: Path;
  /** Shown at the key itself, or at its value. */
  readonly at: 'key' | 'value';
  readonly detail: FaultDetail;
  /**
   * Asked only for a fault that is shown: a file of nonsense has more faults than anybody reads.
   */
  readonly nearest?: Nearest;
}

export type Nearest = () => string | undefined;

/** Of one document; after so many, what is meant is not a policy. */
export const FAULTS_MAX_COUNT = 5000;

/** Faults that a policy may be adopted with. */
const WARNINGS: ReadonlySet<FaultCode> = new Set(['bands-unused', 'gap-unused', 'empty-all']);

export function severityOf(code: FaultCode): 'error' | 'warning' {
  return WARNINGS.has(code) ? 'warning' : 'error';
}

const DETAIL_LENGTH_MAX_CHARACTERS = 120;

/** The Chinese sentence of a fault; the nearest known name is asked for at its end. */
export function sentenceOf(code: FaultCode, detail: FaultDetail, nearest?: string): string {
  const sentence = SENTENCES[code].replace(/\{([a-z]+)\}/g, (_, name: string) => {
    const value = String(detail[name] ?? '');
    const cut = value.length > DETAIL_LENGTH_MAX_CHARACTERS;
    return cut ? `${value.slice(0, DETAIL_LENGTH_MAX_CHARACTERS)}…` : value;
  });
  return nearest === undefined ? sentence : `${sentence}；是否应为「${nearest}」？`;
}
