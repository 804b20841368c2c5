/**
 * Whether this browser keeps a store beyond this window. False only where it says so: a private window that hides or
 * refuses IndexedDB. A browser that pretends to keep and forgets cannot be told apart.
 */
export async function keepsWork(): Promise<boolean> {
  try {
    localStorage.getItem('lianban:probe');
    return await canOpen();
  } catch {
    return false;
  }
}

function canOpen(): Promise<boolean> {
  return new Promise((resolve) => {
    const request = indexedDB.open('lianban-probe');
    request.onerror = () => resolve(false);
    request.onsuccess = () => {
      request.result.close();
      indexedDB.deleteDatabase('lianban-probe');
      resolve(true);
    };
  });
}
