/** Height in px of what a phone's keyboard covers at the foot of the window. */
export function keyboardInset(is: { windowHeight: number; viewHeight: number; viewTop: number }): number {
  return Math.max(0, Math.round(is.windowHeight - is.viewHeight - is.viewTop));
}

/** By how much to scroll, in px, so that a line lies between `from` and `to` with 8 px to spare; 0 where it does. */
export function lineShift(is: { top: number; bottom: number; from: number; to: number }): number {
  if (is.bottom + 8 > is.to) return is.bottom + 8 - is.to;
  return is.top - 8 < is.from ? is.top - 8 - is.from : 0;
}
