import { describe, expect, it } from 'vitest';
import { isLinkAllowed, linkAddress } from './link-address.ts';

describe('the address of a link', () => {
  it.each(['http://a.cn', 'https://a.cn/x?y#z', 'mailto:li@a.cn', 'HTTPS://A.cn'])('takes %s', (address) => {
    expect(isLinkAllowed(address)).toBe(true);
  });

  it.each(['javascript:alert(1)', ' java\nscript:alert(1)', 'data:text/html,x', 'file:///x', '/cases', 'a.cn', ''])(
    'refuses %j',
    (address) => {
      expect(isLinkAllowed(address)).toBe(false);
    },
  );

  it('completes a bare host and a mail address, and nothing else', () => {
    expect(linkAddress(' www.gov.cn/zhengce ')).toBe('https://www.gov.cn/zhengce');
    expect(linkAddress('li@yongan.gov.cn')).toBe('mailto:li@yongan.gov.cn');
    expect(linkAddress('javascript:alert(1)')).toBeNull();
    expect(linkAddress('data:text/html,x')).toBeNull();
    expect(linkAddress('你好')).toBeNull();
  });
});
