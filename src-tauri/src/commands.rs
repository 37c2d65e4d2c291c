//! The window's commands: one line each on the engine's handle.

use crate::export;
use crate::life::Wish;
use crate::start::Core;
use crate::window;
use domain::{
    AccountConfig, AccountId, Changes, ConversationId, Draft, MessageId, NotifyRule, Page, People, Place,
    Rev, Row, Search, SecretKind, TxnId,
};
use engine::contract::{
    Code, ConsolePage, Fault, FormFault, GivenSecret, Parting, ProtocolView, RawFrame, SecretState, Settings,
    Sidebar, Truth,
};
use engine::{Enabled, Handle};
use tauri::ipc::Invoke;
use tauri::{AppHandle, State, Wry};

type Answer<T> = Result<T, Fault>;

/// All commands.
pub(crate) fn all() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        sidebar,
        settings,
        protocols,
        check_config,
        latest,
        before,
        after,
        around,
        whole,
        changes,
        search,
        draft,
        truth,
        frames,
        send_raw,
        export_frames,
        add_account,
        edit_account,
        trust_certificate,
        set_secret,
        forget_secret,
        remove_account,
        set_enabled,
        connect_now,
        join_lounge,
        send,
        command,
        people,
        join,
        leave_conversation,
        remove_conversation,
        move_account,
        collapse,
        move_conversation,
        pin,
        mute,
        set_notify,
        react,
        retract,
        typing,
        retry,
        retry_all,
        edit_message,
        discard,
        heal,
        save_draft,
        mark_read,
        set_settings,
        open_link,
        leave,
        leave_anyway,
    ]
}

impl Core {
    fn engine(&self) -> Answer<&Handle> {
        self.engine.as_ref().map_err(Clone::clone)
    }
}

#[tauri::command]
async fn sidebar(core: State<'_, Core>) -> Answer<Sidebar> {
    core.engine()?.sidebar().await
}

#[tauri::command]
async fn settings(core: State<'_, Core>) -> Answer<Settings> {
    core.engine()?.settings().await
}

#[tauri::command]
async fn protocols(core: State<'_, Core>) -> Answer<Vec<ProtocolView>> {
    Ok(core.engine()?.protocols())
}

#[tauri::command]
async fn check_config(core: State<'_, Core>, config: AccountConfig) -> Answer<Vec<FormFault>> {
    Ok(core.engine()?.check_config(&config))
}

#[tauri::command]
async fn latest(core: State<'_, Core>, conversation: ConversationId, count: u32) -> Answer<Page> {
    core.engine()?.latest(conversation, count).await
}

#[tauri::command]
async fn before(
    core: State<'_, Core>,
    conversation: ConversationId,
    place: Place,
    count: u32,
) -> Answer<Page> {
    core.engine()?.before(conversation, place, count).await
}

#[tauri::command]
async fn after(
    core: State<'_, Core>,
    conversation: ConversationId,
    place: Place,
    count: u32,
) -> Answer<Page> {
    core.engine()?.after(conversation, place, count).await
}

#[tauri::command]
async fn around(
    core: State<'_, Core>,
    conversation: ConversationId,
    message: MessageId,
    count: u32,
) -> Answer<Page> {
    core.engine()?.around(conversation, message, count).await
}

#[tauri::command]
async fn whole(core: State<'_, Core>, message: MessageId) -> Answer<Row> {
    core.engine()?.whole(message).await
}

#[tauri::command]
async fn changes(
    core: State<'_, Core>,
    conversation: ConversationId,
    from: Option<Place>,
    to: Option<Place>,
    since: Rev,
) -> Answer<Changes> {
    core.engine()?.changes(conversation, from, to, since).await
}

#[tauri::command]
async fn search(
    core: State<'_, Core>,
    query: String,
    within: Option<ConversationId>,
    before: Option<MessageId>,
    count: u32,
) -> Answer<Search> {
    core.engine()?.search(query, within, before, count).await
}

#[tauri::command]
async fn draft(core: State<'_, Core>, conversation: ConversationId) -> Answer<Draft> {
    core.engine()?.draft(conversation).await
}

#[tauri::command]
async fn truth(core: State<'_, Core>, account: AccountId) -> Answer<Truth> {
    core.engine()?.truth(account).await
}

#[tauri::command]
async fn frames(core: State<'_, Core>, account: AccountId, since: u64, count: u32) -> Answer<ConsolePage> {
    Ok(core.engine()?.frames(account, since, count))
}

#[tauri::command]
async fn send_raw(core: State<'_, Core>, account: AccountId, frame: RawFrame) -> Answer<()> {
    core.engine()?.send_raw(account, frame)
}

#[tauri::command]
async fn export_frames(core: State<'_, Core>, account: AccountId) -> Answer<String> {
    export::frames(core.engine()?, &core.exports, account).await
}

#[tauri::command]
async fn add_account(
    core: State<'_, Core>,
    txn: TxnId,
    config: AccountConfig,
    secrets: Vec<GivenSecret>,
) -> Answer<AccountId> {
    core.engine()?.add_account(txn, config, secrets).await
}

#[tauri::command]
async fn edit_account(
    core: State<'_, Core>,
    txn: TxnId,
    account: AccountId,
    config: AccountConfig,
    secrets: Vec<GivenSecret>,
) -> Answer<()> {
    core.engine()?.edit_account(txn, account, config, secrets).await
}

#[tauri::command]
async fn trust_certificate(
    core: State<'_, Core>,
    txn: TxnId,
    account: AccountId,
    server: String,
    sha256: String,
) -> Answer<()> {
    core.engine()?.trust_certificate(txn, account, server, sha256).await
}

#[tauri::command]
async fn set_secret(
    core: State<'_, Core>,
    account: AccountId,
    kind: SecretKind,
    value: String,
) -> Answer<SecretState> {
    core.engine()?.set_secret(account, kind, value).await
}

#[tauri::command]
async fn forget_secret(core: State<'_, Core>, account: AccountId, kind: SecretKind) -> Answer<()> {
    core.engine()?.forget_secret(account, kind);
    Ok(())
}

#[tauri::command]
async fn remove_account(core: State<'_, Core>, txn: TxnId, account: AccountId) -> Answer<()> {
    core.engine()?.remove_account(txn, account).await
}

#[tauri::command]
async fn set_enabled(core: State<'_, Core>, txn: TxnId, account: AccountId, enabled: bool) -> Answer<()> {
    let enabled = if enabled { Enabled::On } else { Enabled::Off };
    core.engine()?.set_enabled(txn, account, enabled).await
}

#[tauri::command]
async fn connect_now(core: State<'_, Core>, account: AccountId) -> Answer<()> {
    core.engine()?.connect_now(account).await;
    Ok(())
}

#[tauri::command]
async fn join_lounge(core: State<'_, Core>, txn: TxnId) -> Answer<AccountId> {
    core.parlour.join(core.engine()?, txn).await
}

#[tauri::command]
async fn send(
    core: State<'_, Core>,
    txn: TxnId,
    conversation: ConversationId,
    text: String,
    reply: Option<MessageId>,
) -> Answer<Option<MessageId>> {
    core.engine()?.send(txn, conversation, text, reply).await
}

#[tauri::command]
async fn command(
    core: State<'_, Core>,
    txn: TxnId,
    conversation: ConversationId,
    line: String,
    unknown: bool,
) -> Answer<Option<ConversationId>> {
    core.engine()?.command(txn, conversation, line, unknown).await
}

#[tauri::command]
async fn people(core: State<'_, Core>, conversation: ConversationId) -> Answer<People> {
    core.engine()?.people(conversation).await
}

#[tauri::command]
async fn join(
    core: State<'_, Core>,
    txn: TxnId,
    account: AccountId,
    name: String,
    password: String,
) -> Answer<()> {
    core.engine()?.join(txn, account, name, password).await
}

#[tauri::command]
async fn leave_conversation(core: State<'_, Core>, txn: TxnId, conversation: ConversationId) -> Answer<()> {
    core.engine()?.leave(txn, conversation).await
}

#[tauri::command]
async fn remove_conversation(core: State<'_, Core>, txn: TxnId, conversation: ConversationId) -> Answer<()> {
    core.engine()?.remove_conversation(txn, conversation).await
}

#[tauri::command]
async fn move_account(
    core: State<'_, Core>,
    txn: TxnId,
    account: AccountId,
    before: Option<AccountId>,
) -> Answer<()> {
    core.engine()?.move_account(txn, account, before).await
}

#[tauri::command]
async fn collapse(core: State<'_, Core>, txn: TxnId, account: AccountId, collapsed: bool) -> Answer<()> {
    core.engine()?.collapse(txn, account, collapsed).await
}

#[tauri::command]
async fn move_conversation(
    core: State<'_, Core>,
    txn: TxnId,
    conversation: ConversationId,
    before: Option<ConversationId>,
) -> Answer<()> {
    core.engine()?.move_conversation(txn, conversation, before).await
}

#[tauri::command]
async fn pin(core: State<'_, Core>, txn: TxnId, conversation: ConversationId, pinned: bool) -> Answer<()> {
    core.engine()?.pin(txn, conversation, pinned).await
}

#[tauri::command]
async fn mute(core: State<'_, Core>, txn: TxnId, conversation: ConversationId, muted: bool) -> Answer<()> {
    core.engine()?.mute(txn, conversation, muted).await
}

#[tauri::command]
async fn set_notify(
    core: State<'_, Core>,
    txn: TxnId,
    conversation: ConversationId,
    rule: Option<NotifyRule>,
) -> Answer<()> {
    core.engine()?.set_notify(txn, conversation, rule).await
}

#[tauri::command]
async fn react(
    core: State<'_, Core>,
    txn: TxnId,
    message: MessageId,
    text: String,
    present: bool,
) -> Answer<()> {
    core.engine()?.react(txn, message, text, present).await
}

#[tauri::command]
async fn retract(core: State<'_, Core>, txn: TxnId, message: MessageId) -> Answer<()> {
    core.engine()?.retract(txn, message).await
}

#[tauri::command]
async fn typing(core: State<'_, Core>, conversation: ConversationId, typing: bool) -> Answer<()> {
    core.engine()?.typing(conversation, typing).await
}

#[tauri::command]
async fn retry(core: State<'_, Core>, txn: TxnId, message: MessageId) -> Answer<()> {
    core.engine()?.retry(txn, message).await
}

#[tauri::command]
async fn discard(core: State<'_, Core>, txn: TxnId, message: MessageId) -> Answer<()> {
    core.engine()?.discard(txn, message).await
}

#[tauri::command]
async fn retry_all(core: State<'_, Core>, txn: TxnId, conversation: ConversationId) -> Answer<()> {
    core.engine()?.retry_all(txn, conversation).await
}

#[tauri::command]
async fn edit_message(core: State<'_, Core>, txn: TxnId, message: MessageId, text: String) -> Answer<()> {
    core.engine()?.edit_message(txn, message, text).await
}

#[tauri::command]
async fn heal(core: State<'_, Core>, txn: TxnId, gap: MessageId) -> Answer<()> {
    core.engine()?.heal(txn, gap).await
}

#[tauri::command]
async fn save_draft(
    core: State<'_, Core>,
    txn: TxnId,
    conversation: ConversationId,
    text: String,
    reply: Option<MessageId>,
) -> Answer<()> {
    core.engine()?.save_draft(txn, conversation, text, reply).await
}

#[tauri::command]
async fn mark_read(
    core: State<'_, Core>,
    txn: TxnId,
    conversation: ConversationId,
    upto: MessageId,
) -> Answer<()> {
    core.engine()?.mark_read(txn, conversation, upto).await
}

#[tauri::command]
async fn set_settings(app: AppHandle, core: State<'_, Core>, txn: TxnId, settings: Settings) -> Answer<()> {
    core.engine()?.set_settings(txn, settings).await?;
    let zoom = core.engine()?.settings().await?.zoom;
    if let Some(window) = window::current(&app) {
        window::scale(&window, zoom);
    }
    Ok(())
}

#[tauri::command]
async fn open_link(core: State<'_, Core>, url: String) -> Answer<()> {
    core.engine()?.open_link(url).await
}

#[tauri::command]
async fn leave(core: State<'_, Core>, unkept: u32) -> Answer<Parting> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    core.wishes.send(Wish::Leave { unkept, answer });
    answered.await.map_err(|_| Fault { code: Code::Internal, text: "the program ends".to_owned() })
}

#[tauri::command]
async fn leave_anyway(core: State<'_, Core>) -> Answer<()> {
    core.wishes.send(Wish::LeaveAnyway);
    Ok(())
}
