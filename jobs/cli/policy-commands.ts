/** `zhongzhao policy …`: the commands of the policy workbench. */
import { AS, AT, BATCH, CITY, type Definition, PURPOSE } from './command.ts';

const TRY_OPTIONS: Definition['options'] = [
  ['--against <运行...>', '与哪几次投档比较，运行编号'],
  ['--night <日期>', '与该业务日期的全部投档比较'],
  ['--package <文件夹>', '与数据包里的投档比较，不用数据库'],
  ['--before <文件夹>', '数据包的投档所用的政策；没有时用其中的 policy'],
  ['--set <取值...>', '试改取值，如 score-lines.regions[440100,vocational].line=310'],
  ['--sweep <取值>', '逐值试算，如 score-lines.regions[440100,vocational].line=280..340:5'],
  ['--candidate <考生号>', '只看一名考生'],
  ['--out <文件>', '报告写到哪个文件；没有时显示在屏幕上'],
  ['--format <格式>', 'html、pdf、xlsx 或 json；没有时看文件名'],
  ['--changes <文件>', '把有变动的考生逐人写成 CSV'],
  ['--as <用户>', '以谁的身份；用数据包时不需要'],
  CITY,
  BATCH,
];

export const POLICY_COMMANDS: readonly Definition[] = [
  {
    name: 'check <文件夹>',
    description: '检查政策文件夹，列出全部问题；规则之间的问题附情形，可存为样例',
    options: [
      ['--data <数据包>', '该年的数据包：核对院校、专业、地区、科目的代码和满分'],
      ['--strict', '有提示时以 1 退出'],
    ],
    action: async () => (await import('./policy-check.ts')).check,
  },
  {
    name: 'test <文件夹>',
    description: '用政策自己的规则判定 tests/ 中的样例和小型数据，不符的列出文件和行',
    action: async () => (await import('./policy.ts')).testPolicy,
  },
  {
    name: 'adopt <文件夹>',
    description: '采用政策：存为不可更改的版本；取代现行版本须由两人办理',
    required: [AS],
    options: [
      ['--confirm <编号>', '第二人确认的提议编号'],
      ['--trial <文件>', '试算报告：policy try 写出的 JSON'],
      ['--reason <理由>', '冻结期内改动的理由，须四人签署'],
      AT,
    ],
    action: async () => (await import('./policy.ts')).adopt,
  },
  {
    name: 'versions',
    description: '各版政策：待签署、现行、已归档，谁签署的，附哪些样例和试算',
    action: async () => (await import('./policy-versions.ts')).policyVersions,
  },
  {
    name: 'export',
    description: '把采用的政策写成 YAML 文件夹；--city 时写该市的设置',
    options: [CITY, ['--out <路径>', '写到哪里；写一市的设置时可省略，输出到屏幕']],
    action: async () => (await import('./policy.ts')).exportPolicy,
  },
  {
    name: 'boundaries <文件夹>',
    description: '列出每个界限略低、正好、略高的情形及其决定，供核对签署',
    options: [
      ['--format <格式>', 'text、csv、html 或 json', 'text'],
      ['--out <文件>', '写到哪个文件；没有时输出到屏幕'],
      ['--append', '把这些情形补写为 tests/boundaries.yaml 中的样例，已有的不改'],
    ],
    action: async () => (await import('./policy-boundaries.ts')).boundaries,
  },
  {
    name: 'coverage <文件夹>',
    description: '逐条规则、逐个条件：样例和实际运行中见过什么，还缺什么',
    options: [
      ['--run <编号>', '对照这些运行的情形，几个以逗号分隔'],
      ['--season', '对照本年全部运行的情形'],
      ['--format <格式>', 'text、html 或 json', 'text'],
      ['--out <文件>', '写到哪个文件；没有时输出到屏幕'],
    ],
    action: async () => (await import('./policy-coverage.ts')).coverage,
  },
  {
    name: 'handbook <文件夹>',
    description: '把整个政策写成供阅读、签署的中文手册',
    required: [['--out <文件>', '写到哪个文件']],
    options: [
      ['--format <格式>', 'html 或 pdf；没有时看文件名'],
      ['--since <政策>', '加一章与此的不同：文件夹，或 in-force、v版本号'],
    ],
    action: async () => (await import('./policy-handbook.ts')).handbook,
  },
  {
    name: 'new <年度>',
    description: '由上一年的政策写出新年度的文件夹，列出须决定的事项',
    required: [['--from <政策>', '上一年的政策：文件夹，或 rules/ 下的名称，如 guangdong-2016']],
    options: [
      ['--to <文件夹>', '写到哪个文件夹；没有时与原文件夹并列'],
      [
        '--dates <办法>',
        '公布过的日期：empty 留空、same-day 同月同日、same-weekday 同星期',
        'empty',
      ],
      ['--format <格式>', 'text 或 json', 'text'],
    ],
    action: async () => (await import('./policy-new.ts')).newPolicy,
  },
  {
    name: 'format <文件夹>',
    description: '把 YAML 整理成统一写法，注释和次序不变；--check 只列出未整理的',
    options: [['--check', '不改动，只列出须整理的文件；有则退出码为 1']],
    action: async () => (await import('./policy-format.ts')).format,
  },
  {
    name: 'diff <原> <现>',
    description: '比较两份政策：哪些值、日期、次序、规则不同，按依据归类',
    options: [
      ['--format <格式>', 'text、json 或 html；没有时看文件名'],
      ['--out <文件>', '写到哪个文件；没有时输出到屏幕'],
    ],
    action: async () => (await import('./policy-diff.ts')).diff,
  },
  {
    name: 'try [文件夹]',
    description: '试算：新政策（或试改的取值）用于过去的投档，谁得谁失；只算不写',
    options: TRY_OPTIONS,
    action: async () => (await import('./policy-try.ts')).tryPolicy,
  },
  {
    name: 'explain <考生号>',
    description: '为什么，以及最小怎样改变，结果才会不同；每一项都重新投档核实',
    options: [
      ['--as <用户>', '以谁的身份；用数据包时不需要'],
      ['--run <运行>', '哪一次投档；没有时为最近一次'],
      ['--package <文件夹>', '数据包里的投档，不用数据库'],
      ['--before <文件夹>', '数据包的投档所用的政策；没有时用其中的 policy'],
      PURPOSE,
      CITY,
      BATCH,
    ],
    action: async () => (await import('./policy-explain.ts')).explainWhatIf,
  },
];
