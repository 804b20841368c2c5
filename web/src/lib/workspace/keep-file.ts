/** Hands a blob to the person as a file, through the browser's own download. */
export function keepFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // the download has begun by the next minute; until then the address must stay good
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
