/** What a roster that was not issued has instead of a number. */
export const NO_NUMBER = '无';
