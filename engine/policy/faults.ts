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
  // analysis: what rules, dates and numbers come to together
  'rule-never-applies': '规则「{name}」在任何情形下都不适用，从不起作用；请检查条件中的取值和阈值',
  'rule-never-in-force': '规则「{name}」从不生效：有效期 valid 与起作用的时刻 at 没有共同的日子',
  'rule-never-refuses': '规则「{name}」适用时总是满足，从不拒绝；请检查阈值，或删去这条规则',
  'rule-always-refuses': '规则「{name}」适用时从不满足，一律拒绝；如果不是本意，请检查阈值',
  'rule-refuses-all': '规则「{name}」在任何情形下都不满足，全部拒绝，其后的规则都不起作用',
  'rule-shadowed':
    '规则「{name}」所管的情形，前面的 {others} 都已处理，它从不起作用；结果相同，只是理由不同',
  'action-never-acts':
    '规则「{name}」的条件在任何情形下都不成立，从不处理；请检查条件中的取值和日期',
  'action-shadowed':
    '规则「{name}」所管的情形，前面的 {others} 都已另作处理，它从不起作用；请调整次序或条件',
  'actions-contradict':
    '规则「{name}」要 {does}，同样的情形前面的「{others}」要 {instead}；只有前面的起作用，请把两条的条件分开',
  'actions-overlap':
    '规则「{name}」要 {does}，其中一部分情形由前面的「{others}」作为例外改为 {instead}；请确认',
  'review-uncovered':
    '「{name}」的情形，有的由规则自动审核，有的没有规则、留给审核人员；请确认所列情形是有意留给人员的',
  'example-fact-type': '「{name}」（{title}）应为{expected}，样例里写的是 {actual}',
  'analysis-too-wide':
    '规则「{name}」与相关规则的情形有 {count} 种，超过 {limit} 种，没有全部检查；请把条件拆成几条',
  'window-outside-phase': '日期 {date} 不在{phase}（{from} 至 {to}）之内',
  'phase-overlap': '阶段「{name}」与「{other}」（{from} 至 {to}）的日期重叠',
  'window-overlap':
    '批次「{name}」在前一批次「{other}」结束（{to}）之前开始；前一批次未结束时不能投档',
  'window-gap': '{from} 至 {to} 在{name}之内，却没有批次可以投档',
  'deadline-order': '「{name}」（{date}）早于应在其前的「{other}」（{before}）',
  'deadline-late': '「{name}」（{date}）不早于首次投档（{first}）',
  'registration-undated':
    '阶段「{name}」已有起止日期，而没有学校确定新生的截止日（{deadline}）：这一阶段的考生不能注册',
  'roster-early': '「{name}」自 {date} 开始，早于学校确定新生的截止日 {confirmed}',
  'date-outside-season': '日期 {date} 不在 {season} 年招生的年份之内',
  'rule-date-differs': '规则「{name}」写的日期 {date} 与日程不一致：按「{of}」应为 {expected}',
  'validity-gap': '规则「{name}」自 {from} 起有效，与前一段「{other}」（至 {to} 前一日）之间有空档',
  'validity-overlap': '规则「{name}」自 {from} 起有效，与前一段「{other}」（至 {to} 前一日）重叠',
  'ratio-unusual': '投档比例 {value} 超过 {limit}，投档人数会远多于计划数；请确认小数点',
  'ratio-under-one': '投档比例 {value} 小于 1，计划不可能全部投满；请确认',
  'band-above-full': '梯度下限 {value} 高于该市满分 {full}',
  'band-below-line': '梯度下限 {value} 至 {upper} 的一段全在区域分数线 {line} 之下，没有考生',
  'line-above-full': '分数线 {value} 高于该市满分 {full}',
  'line-unusual':
    '分数线 {value} 与其他地市（多在 {usual} 上下）相差悬殊；请确认没有多写或少写一位',
  'line-of-zero': '分数线为 0，等于没有分数线；如果没有分数线，请写 null 或删去',
  'bonus-of-zero': '照顾特征「{name}」的加分为 0，不起作用',
  'bonus-above-cap': '加分 {value} 高于加分上限 {cap}，多出的不计',
  'limit-differs': '规则「{name}」写的 {value} 与 calendar.yaml 的 {id}（{of}）{stated} 不一致',
  'age-unusual': '年龄 {value} 岁不合常理；请确认',
  'threshold-above-full': '{value} 高于满分 {full}，没有人能达到',
  'unknown-major': '没有专业「{name}」',
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
const WARNINGS: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'bands-unused',
  'gap-unused',
  'empty-all',
  'rule-never-refuses',
  'rule-always-refuses',
  'rule-shadowed',
  'actions-overlap',
  'review-uncovered',
  'analysis-too-wide',
  'window-overlap',
  'window-gap',
  'deadline-late',
  'registration-undated',
  'roster-early',
  'rule-date-differs',
  'validity-gap',
  'validity-overlap',
  'ratio-unusual',
  'ratio-under-one',
  'band-below-line',
  'line-unusual',
  'line-of-zero',
  'bonus-of-zero',
  'bonus-above-cap',
  'limit-differs',
  'age-unusual',
]);

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
