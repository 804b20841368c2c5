/**
 * Asks the service worker, in idle time, to fetch what of the app is not yet on this device, so that every page opens
 * offline. Asked at every start: what has arrived stays, so a weak line gets there in pieces. Returns its own end.
 */
export function fillShell(): () => void {
  if (!('serviceWorker' in navigator)) return () => undefined;
  let ended = false;
  void navigator.serviceWorker.ready.then((registration) => {
    if (ended) return;
    const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 2000));
    idle(() => registration.active?.postMessage('fill'));
  });
  return () => {
    ended = true;
  };
}
