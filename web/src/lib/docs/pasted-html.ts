/**
 * Pasted markup without style and handler attributes and without style sheets. The schema would drop them anyway; the
 * content policy reports each of them as soon as the markup is parsed. A `b` that says it is not bold, which is how some
 * programs wrap everything they copy, becomes a span: without its style it would be bold.
 */
export function withoutStyles(html: string): string {
  return html
    .replace(/<style\b[^>]*>[\s\S]*?<\/style\s*>/gi, '')
    .replace(/<[a-z][^<>]*>/gi, (tag) =>
      tag
        .replace(/^<b(?=\s[^>]*font-weight:\s*(?:normal|400))/i, '<span')
        .replace(/\s(?:style|on[a-z]+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, ''),
    );
}
