/** What every component may use: the model, the formats of the tongue, and opening a dialog. */
import { getContext, setContext } from "svelte";
import type { AccountId, ConversationId, MessageId, SecretKind } from "../bridge/generated";
import type { Format } from "../i18n/format";
import type { App } from "../model/app";
import type { Watched } from "../model/cell";

/** A dialog over the window. */
export type Dialog =
  | { readonly kind: "add" }
  | { readonly kind: "edit"; readonly account: AccountId }
  /** `name` is that of the room that was chosen already. */
  | { readonly kind: "join"; readonly account: AccountId; readonly name?: string }
  | { readonly kind: "removeConversation"; readonly account: AccountId; readonly conversation: ConversationId }
  | { readonly kind: "react"; readonly account: AccountId; readonly message: MessageId }
  | { readonly kind: "remove"; readonly account: AccountId }
  | { readonly kind: "trust"; readonly account: AccountId }
  | { readonly kind: "secret"; readonly account: AccountId; readonly secret: SecretKind }
  | { readonly kind: "switch" }
  | { readonly kind: "settings" }
  | { readonly kind: "help" };

export interface View {
  readonly app: App;
  readonly format: Watched<Format>;
  readonly open: (dialog: Dialog) => void;
}

const KEY = Symbol("view");

/** Gives `view` to every component below. */
export function provideView(view: View): void {
  setContext(KEY, view);
}

/** What {@link provideView} gave. */
export function useView(): View {
  return getContext<View>(KEY);
}
