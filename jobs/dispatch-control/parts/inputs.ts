/** Inputs that several functions of 投档控制 share. */
export const BASIS = {
  type: 'string',
  minLength: 1,
  maxLength: 200,
  description: '依据，如 n66 附件1·投档控制1；不写为 sample（示例值）',
} as const;

/** A score line in points; empty: none is set. */
export const LINE = {
  type: ['number', 'null'],
  minimum: 0,
  maximum: 10_000,
  description: '分数线，至多两位小数；空为不设',
} as const;
