const SCHEMES = new Set(['http:', 'https:', 'mailto:']);

/** True for an absolute http, https or mailto address; everything else, `data:` and `javascript:` included, is refused. */
export function isLinkAllowed(address: string): boolean {
  try {
    return SCHEMES.has(new URL(address).protocol);
  } catch {
    return false;
  }
}

/** What a person typed, as an address to keep; null where it is refused. A bare host gets `https:`. */
export function linkAddress(typed: string): string | null {
  const trimmed = typed.trim();
  if (isLinkAllowed(trimmed)) return trimmed;
  if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/.test(trimmed)) return `mailto:${trimmed}`;
  const bare = /^[^\s:/?#]+\.[^\s:/?#]{2,}(?:[:/?#]\S*)?$/.test(trimmed) ? `https://${trimmed}` : null;
  return bare !== null && isLinkAllowed(bare) ? bare : null;
}
