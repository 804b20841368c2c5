import { describe, expect, it } from 'vitest';
import { withoutStyles } from './pasted-html.ts';

describe('pasted markup', () => {
  it('loses styles and handlers and keeps everything else', () => {
    expect(
      withoutStyles(`<p style="color:red" onclick='a()' class=x>甲<a href="https://a.cn" ONMOUSEOVER=b>乙</a></p>`),
    ).toBe('<p class=x>甲<a href="https://a.cn">乙</a></p>');
    expect(withoutStyles('<style>p { color: red }</style><table><td style=width:3px>甲</td></table>')).toBe(
      '<table><td>甲</td></table>',
    );
  });

  it('leaves text that looks like an attribute alone', () => {
    expect(withoutStyles('<p>a style="x" b &lt; c</p>')).toBe('<p>a style="x" b &lt; c</p>');
  });

  it('takes a wrapper that says it is not bold for what it says', () => {
    expect(withoutStyles('<b style="font-weight:normal" id="x"><p>甲</p></b>')).toBe('<span id="x"><p>甲</p></b>');
    expect(withoutStyles('<b style="font-weight:700">甲</b><br style="x">')).toBe('<b>甲</b><br>');
  });
});
