/** Inputs about users that several functions share. */
export const USER = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$',
  description: '用户名',
} as const;

/** Ids of duties or functions. */
export const IDS = {
  type: 'array',
  items: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,63}$' },
  maxItems: 200,
  uniqueItems: true,
} as const;
