/** What the sample's people, schools and majors are called; all of it made up. */
import type { Stream } from './random.ts';

const SURNAMES = [
  ...'陈李黄张梁林王吴刘郑曾何罗叶谢周杨蔡邓谭冯许朱苏潘江余钟廖温方赖郭徐卢胡彭邱庄唐欧岑关区',
];
const GIVEN = [
  ...'伟芳敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉红文建国志海燕春梅丹玲峰鑫浩宇婷雪慧颖嘉俊',
  ...'豪诗琪梓轩怡佳欣思雨晓彤子涵家乐永康锦荣泽楠楚钰莹可晴景然若琳柏昊启航',
];

/** Ends every made-up person's name, so that no page with it is taken for real. */
export const SYNTHETIC_MARK = '（示例）';

export function personName(stream: Stream): string {
  const bits = stream.bits();
  const first = SURNAMES[bits % SURNAMES.length];
  const second = GIVEN[(bits >>> 7) % GIVEN.length];
  const third = (bits >>> 15) % 4 === 0 ? '' : GIVEN[(bits >>> 17) % GIVEN.length];
  return `${first}${second}${third}${SYNTHETIC_MARK}`;
}

const SCHOOL_WORDS = [
  '东风',
  '南华',
  '珠江',
  '岭南',
  '新城',
  '启明',
  '育才',
  '振兴',
  '海珠',
  '白云山',
  '木棉',
  '凤凰',
  '金凤',
  '明德',
  '博雅',
  '致远',
  '崇文',
  '弘毅',
  '立信',
  '厚德',
  '鼎新',
  '开元',
  '文昌',
  '华英',
  '培正',
  '集贤',
  '远航',
  '北江',
  '东江',
  '西江',
];

/** A school's name from its number in its place: words first, then words with a numeral. */
export function schoolName(place: string, number: number, type: string): string {
  const word = SCHOOL_WORDS[number % SCHOOL_WORDS.length];
  const round = Math.floor(number / SCHOOL_WORDS.length);
  const ordinal = round === 0 ? '' : `第${['二', '三', '四', '五', '六', '七', '八'][round - 1]}`;
  return `${place}${word}${ordinal}${type}${SYNTHETIC_MARK}`;
}

export const MAJOR_NAMES = [
  '计算机应用',
  '电子商务',
  '会计电算化',
  '学前教育',
  '护理',
  '汽车运用与维修',
  '数控技术应用',
  '机电技术应用',
  '模具制造技术',
  '电子技术应用',
  '动漫游戏',
  '平面设计',
  '室内装饰设计',
  '建筑工程施工',
  '工程造价',
  '物流服务与管理',
  '市场营销',
  '商务英语',
  '旅游服务与管理',
  '酒店服务与管理',
  '中餐烹饪与营养膳食',
  '美容美发与形象设计',
  '服装设计与工艺',
  '工艺美术',
  '音乐',
  '舞蹈表演',
  '运动训练',
  '药剂',
  '中医护理',
  '助产',
  '农村经济综合管理',
  '园林技术',
  '畜牧兽医',
  '食品生物工艺',
  '化学工艺',
  '环境监测技术',
  '制冷和空调设备运行与维护',
  '船舶驾驶',
  '铁道运输管理',
  '城市轨道交通运营管理',
  '航空服务',
  '通信技术',
  '计算机网络技术',
  '数字媒体技术应用',
  '客户信息服务',
] as const;

export const COLLEGE_WORDS = [
  '轻工',
  '交通',
  '水利电力',
  '建设',
  '工贸',
  '科学技术',
  '食品药品',
  '邮电',
  '农工商',
  '机电',
] as const;
