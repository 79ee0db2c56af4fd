import type { YAMLError } from 'yaml';
import type { Problem } from '../problem.ts';
import type { SourceText } from './source.ts';

/** What the parser's error codes mean to somebody who edits the file. */
const MEANINGS: Readonly<Record<YAMLError['code'], string>> = {
  ALIAS_PROPS: '别名不能再带其他标记',
  BAD_ALIAS: '别名的名称不对；不能使用别名',
  BAD_COLLECTION_TYPE: '列表与键值混在一起；请检查缩进',
  BAD_DIRECTIVE: '以 % 开头的行不是有效的指令；若是文字请加引号',
  BAD_DQ_ESCAPE: '双引号内的反斜杠写法不对；请改用单引号',
  BAD_INDENT: '缩进不一致；同一层的各行须对齐',
  BAD_PROP_ORDER: '标记的位置不对',
  BAD_SCALAR_START: '文字不能以这个符号开头；请加引号',
  BLOCK_AS_IMPLICIT_KEY: '一行里有两个「键: 值」，或引号之后还有内容；文字中有冒号时请整体加引号',
  BLOCK_IN_FLOW: '括号 { } [ ] 之内不能用缩进写法',
  DUPLICATE_KEY: '键重复；请删去一个',
  IMPOSSIBLE: '此处无法理解',
  KEY_OVER_1024_CHARS: '键太长；可能少了冒号或引号',
  MISSING_CHAR: '缺少符号：引号、括号或逗号没有成对，或冒号后面少了空格',
  MULTILINE_IMPLICIT_KEY: '键占了多行；可能上一行少了冒号',
  MULTIPLE_ANCHORS: '不能使用锚点',
  MULTIPLE_DOCS: '一个文件只能有一份文档',
  MULTIPLE_TAGS: '不能使用标签',
  NON_STRING_KEY: '键须是文字',
  RESOURCE_EXHAUSTION: '内容过于繁杂',
  TAB_AS_INDENT: '缩进用了制表符；请改为空格',
  TAG_RESOLVE_FAILED: '不认识的标签，或该值不能这样写；请直接写值，文字加引号',
  UNEXPECTED_TOKEN: '此处多了内容，或上一行没有写完',
};

/** An error or warning of the parser; both count, because a warning is a value misread. */
export function syntaxProblem(source: SourceText, fault: YAMLError): Problem {
  const offset = fault.pos[0];
  if (fault.code === 'MULTIPLE_DOCS') return source.problemAt('multiple-documents', offset);
  if (fault.code === 'BAD_ALIAS' || fault.code === 'ALIAS_PROPS') {
    return source.problemAt('alias-forbidden', offset);
  }
  const what = MEANINGS[fault.code] ?? '无法理解';
  return source.problemAt('yaml-syntax', offset, { what });
}
