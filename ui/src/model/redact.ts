/** Taking out of words what may be secret, before they leave the window. */

/** What stands in the place of what was taken out. */
export const REDACTED = "…";

/** Names of parameters and headers whose values may be secret. */
const SECRET_NAME = /token|key|secret|auth|pass|pwd|sig|session|jwt|cookie|credential|ticket|code/i;

/** A value this long is no word that a person typed. */
const LONG = 24;

/** An address without the values in its query, and without a log-in before its host. */
export function redactUrl(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/?#@]*@/i, `$1${REDACTED}@`).replace(/\?[^#\s]*/, (query) => {
    const parts = query.slice(1).split("&");
    return `?${parts.map((part) => (part.includes("=") ? part.replace(/=.*/, `=${REDACTED}`) : REDACTED)).join("&")}`;
  });
}

/** A text with each address in it as {@link redactUrl} gives it. */
export function redactText(text: string): string {
  return text.replace(/(?:\b[a-z][a-z0-9+.-]*:\/)?\/[^\s“”"'，。；]*/gi, (address) => redactUrl(address));
}

/** Whether the value of a parameter or header may be a secret. */
export function maySecret(name: string, value: string): boolean {
  return SECRET_NAME.test(name) || value.length > LONG;
}
