/**
 * True where a heading begins with a number that its author typed: 一、 （一） 1. （1） 第一章. The paper numbers the others
 * by itself and leaves this one alone.
 */
export function isNumbered(heading: string): boolean {
  return /^\s*(?:[一二三四五六七八九十百]+、|[（(](?:[一二三四五六七八九十百]+|\d+)[）)]|\d+(?:[.．、]|(?:\.\d+)+\s)|第[一二三四五六七八九十百\d]+[章节条])/.test(
    heading,
  );
}
