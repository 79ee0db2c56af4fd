/**
 * The 22 cities of the sample – 21 cities and Shunde 顺德, which the system treats as one – with
 * their counties, graduates of 2016 in thousands (spec: estimates) and examinations. Dongguan,
 * Zhongshan and Shunde have no counties: areas stand for them, with codes that nobody uses.
 */

export interface SubjectPlan {
  readonly code: string;
  readonly name: string;
  /** points */
  readonly full: number;
}

export interface City {
  readonly code: string;
  readonly name: string;
  readonly graduatesThousand: number;
  /** Share of the graduates who took the examination. */
  readonly examined: number;
  readonly subjects: readonly SubjectPlan[];
  readonly counties: readonly { readonly code: string; readonly name: string }[];
}

const CODES: Readonly<Record<string, string>> = {
  语文: '01',
  数学: '02',
  英语: '03',
  物理: '04',
  化学: '05',
  政治: '06',
  历史: '07',
  体育: '08',
  理化: '09',
};

const COMMON = ['语文', '数学', '英语', '物理', '化学', '政治', '历史', '体育'];

function subjects(names: readonly string[], fulls: readonly number[]): SubjectPlan[] {
  return names.map((name, i) => ({ code: CODES[name] as string, name, full: fulls[i] }));
}

/** Full marks by the city's total, in the order of COMMON. */
const EXAMINATIONS: Readonly<Record<number, readonly SubjectPlan[]>> = {
  460: subjects(['语文', '数学', '英语', '理化', '历史', '体育'], [100, 100, 100, 100, 30, 30]),
  600: subjects(COMMON, [100, 100, 100, 100, 60, 40, 40, 60]),
  650: subjects(COMMON, [120, 120, 120, 90, 60, 40, 40, 60]),
  660: subjects(COMMON, [120, 120, 120, 90, 70, 40, 40, 60]),
  680: subjects(COMMON, [120, 120, 120, 100, 80, 40, 40, 60]),
  690: subjects(COMMON, [120, 120, 120, 100, 90, 40, 40, 60]),
  700: subjects(COMMON, [120, 120, 120, 100, 100, 40, 40, 60]),
  720: subjects(COMMON, [120, 120, 120, 100, 100, 50, 50, 60]),
  740: subjects(COMMON, [120, 120, 120, 100, 100, 60, 60, 60]),
  810: subjects(
    ['语文', '数学', '英语', '物理', '化学', '政治', '体育'],
    [150, 150, 150, 100, 100, 100, 60],
  ),
};

/** `code name thousand examined total`, below it its counties: last two digits, name. */
const TABLE = `
440100 广州市 108 0.93 810
  03 荔湾区, 04 越秀区, 05 海珠区, 06 天河区, 11 白云区, 12 黄埔区, 13 番禺区, 14 花都区, 15 南沙区, 17 从化区, 18 增城区
440200 韶关市 33 0.95 680
  03 武江区, 04 浈江区, 05 曲江区, 22 始兴县, 24 仁化县, 29 翁源县, 32 乳源县, 33 新丰县, 81 乐昌市, 82 南雄市
440300 深圳市 82 0.90 460
  03 罗湖区, 04 福田区, 05 南山区, 06 宝安区, 07 龙岗区, 08 盐田区
440400 珠海市 18 0.94 600
  02 香洲区, 03 斗门区, 04 金湾区
440500 汕头市 78 0.88 700
  07 龙湖区, 11 金平区, 12 濠江区, 13 潮阳区, 14 潮南区, 15 澄海区, 23 南澳县
440600 佛山市 41 0.95 690
  04 禅城区, 05 南海区, 07 三水区, 08 高明区
440606 顺德区 24 0.96 690
  91 顺德东片, 92 顺德中片, 93 顺德西片
440700 江门市 45 0.95 700
  03 蓬江区, 04 江海区, 05 新会区, 81 台山市, 83 开平市, 84 鹤山市, 85 恩平市
440800 湛江市 93 0.87 720
  02 赤坎区, 03 霞山区, 04 坡头区, 11 麻章区, 23 遂溪县, 25 徐闻县, 81 廉江市, 82 雷州市, 83 吴川市
440900 茂名市 101 0.88 660
  02 茂南区, 04 电白区, 81 高州市, 82 化州市, 83 信宜市
441200 肇庆市 50 0.93 650
  02 端州区, 03 鼎湖区, 04 高要区, 23 广宁县, 24 怀集县, 25 封开县, 26 德庆县, 84 四会市
441300 惠州市 58 0.92 650
  02 惠城区, 03 惠阳区, 22 博罗县, 23 惠东县, 24 龙门县
441400 梅州市 50 0.96 740
  02 梅江区, 03 梅县区, 22 大埔县, 23 丰顺县, 24 五华县, 26 平远县, 27 蕉岭县, 81 兴宁市
441500 汕尾市 42 0.86 720
  02 城区, 21 海丰县, 23 陆河县, 81 陆丰市
441600 河源市 40 0.94 720
  02 源城区, 21 紫金县, 22 龙川县, 23 连平县, 24 和平县, 25 东源县
441700 阳江市 31 0.92 700
  02 江城区, 04 阳东区, 21 阳西县, 81 阳春市
441800 清远市 47 0.93 720
  02 清城区, 03 清新区, 21 佛冈县, 23 阳山县, 25 连山县, 26 连南县, 81 英德市, 82 连州市
441900 东莞市 59 0.69 700
  91 东莞城区片, 92 东莞水乡片, 93 东莞山区片
442000 中山市 33 0.95 680
  91 中山中心片, 92 中山北片, 93 中山南片
445100 潮州市 32 0.91 680
  02 湘桥区, 03 潮安区, 22 饶平县
445200 揭阳市 87 0.85 690
  02 榕城区, 03 揭东区, 22 揭西县, 24 惠来县, 81 普宁市
445300 云浮市 31 0.93 680
  02 云城区, 03 云安区, 21 新兴县, 22 郁南县, 81 罗定市
`;

function city(entry: string): City {
  const [head = '', ...below] = entry.split('\n');
  const [code = '', name = '', thousand, examined, total] = head.split(' ');
  return {
    code,
    name,
    graduatesThousand: Number(thousand),
    examined: Number(examined),
    subjects: EXAMINATIONS[Number(total)] as readonly SubjectPlan[],
    counties: below
      .join(',')
      .match(/\d\d [^,]+/g)!
      .map(county => {
        const [ending = '', name = ''] = county.split(' ');
        return { code: code.slice(0, 4) + ending, name };
      }),
  };
}

export const PROVINCE = { code: '440000', name: '广东省' } as const;

/** In the order of their codes. */
export const CITIES: readonly City[] = TABLE.trim()
  .split(/\n(?=\d)/)
  .map(city);
