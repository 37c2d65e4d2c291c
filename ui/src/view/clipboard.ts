/** Putting text into the clipboard. */

/** Copies `text`; says whether it is in the clipboard. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A web view may keep the clipboard from the page; the older way asks nobody.
    return copySelected(text);
  }
}

function copySelected(text: string): boolean {
  const former = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "unseen";
  field.readOnly = true;
  field.value = text;
  document.body.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } finally {
    field.remove();
    if (former instanceof HTMLElement) former.focus();
  }
}
