/** Taking out of words what may be secret, before they leave the window. */
import type { Reason, Refusal } from "../bridge/generated";

/** What stands in the place of what was taken out. */
export const REDACTED = "…";

/** Names of parameters and headers whose values may be secret. */
const SECRET_NAME = /token|key|secret|auth|pass|pwd|sig|session|jwt|cookie|credential|ticket|code/i;

/** A word in such a name that says so: `key` does, `keyboard` does not. */
const SECRET_WORD = /^(?:\w*(?:token|secret|password|passwd|jwt|apikey|signature|credentials?)|key|auth|pass|pwd|sig|session|cookie|ticket)$/i;

/** A value this long is no word that a person typed. */
const LONG = 24;

/** A part of a path this long may be a token. */
const TOKEN = 16;

/** A part of a path after which a secret of any length stands. */
const BEFORE_SECRET = /^(?:(?:access|api|auth)?[-_.]?(?:token|key)|secret|jwt|ticket|password|pass)s?$/i;

/** Whether a word may be a token: long, of a token's letters, and not what a person would name something. */
export function isOpaque(word: string): boolean {
  if (word.length < TOKEN || !/^[\w.~+=%!$&'()*,:@-]+$/.test(word)) return false;
  return /\d/.test(word) || (/[a-z]/.test(word) && /[A-Z]/.test(word)) || /^(?:[a-f]+|[A-Z]+)$/.test(word) || /\w{25}/.test(word);
}

/** A path in which `instead` stands for each part that may be secret. */
export function redactPath(path: string, instead: string): string {
  let before = "";
  return path.replace(/[^/]+/g, (part) => {
    const [word = "", ...parameters] = part.split(";");
    const secret = isOpaque(word) || BEFORE_SECRET.test(before);
    before = word;
    return [secret ? instead : word, ...parameters.map((one) => valueless(one, instead))].join(";");
  });
}

function valueless(parameter: string, instead: string): string {
  return parameter.includes("=") ? parameter.replace(/=.*/s, `=${instead}`) : instead;
}

/** An address without a log-in before its host, the values in its query, and what may be a token in its path. */
export function redactUrl(url: string): string {
  const [, host = "", path = "", query = "", fragment = ""] =
    /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)(\?[^#]*)?(#.*)?$/is.exec(url) ?? [];
  const parts = query.slice(1).split("&");
  const kept = parts.map((part) => valueless(part, REDACTED));
  return [
    host.replace(/\/\/.*@/s, `//${REDACTED}@`),
    redactPath(path, REDACTED),
    query === "" ? "" : `?${kept.join("&")}`,
    isOpaque(fragment.slice(1)) || fragment.includes("=") ? `#${REDACTED}` : fragment,
  ].join("");
}

/**
 * A reason without a word that came from the other side: a server may say a token back. The code and the kind stay, and
 * they are what our own sentences are made of. (A certificate stays too: it is public, and shown before any log-in.)
 */
export function redactReason(reason: Reason): Reason {
  switch (reason.kind) {
    case "closed":
    case "badAddress":
    case "dns":
    case "unreachable":
    case "tls":
    case "notWebSocket":
    case "dropped":
    case "brokenFrames":
    case "proxy":
    case "file":
    case "internal":
      return { ...reason, text: "" };
    case "status":
      return { ...reason, text: "", refusal: redactRefusal(reason.refusal) };
    case "subprotocol":
      return { ...reason, chosen: reason.chosen === null ? null : REDACTED };
    case "refused":
    case "timedOut":
    case "secret":
    case "silent":
    case "tooBig":
      return reason;
  }
}

function redactRefusal(refusal: Refusal): Refusal {
  switch (refusal.kind) {
    case "unauthorized":
      return { ...refusal, challenge: null };
    case "redirect":
      return { ...refusal, location: null };
    case "forbidden":
    case "notFound":
    case "tooMany":
    case "other":
      return refusal;
  }
}

/** A text with each address in it as {@link redactUrl} gives it. */
export function redactText(text: string): string {
  return text.replace(/(?:\b[a-z][a-z0-9+.-]*:\/)?\/[^\s“”"'，。；]*/gi, (address) => redactUrl(address));
}

/** Whether the value of a parameter or header may be a secret: rather once too often, where it would leave the window. */
export function maySecret(name: string, value: string): boolean {
  return SECRET_NAME.test(name) || value.length > LONG || isOpaque(value);
}

/** Whether the value of a parameter or header seems to be a secret: rarely too often, where a person is told so. */
export function seemsSecret(name: string, value: string): boolean {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").split(/[^A-Za-z]+/);
  return value !== "" && (words.some((word) => SECRET_WORD.test(word)) || value.split(/\s+/).some(isOpaque));
}

/** Whether a secret seems to stand in an address: in its query, or in its path. */
export function addressSeemsSecret(url: string): boolean {
  const [, path = "", query = ""] = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/is.exec(url) ?? [];
  const parameters = query.split("&").map((part) => part.split(/=(.*)/s, 2));
  return redactPath(path, REDACTED) !== path || parameters.some(([name = "", value = ""]) => seemsSecret(name, value));
}
