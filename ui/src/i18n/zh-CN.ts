/** Every word of the window, in simplified Chinese. */
import type { Words } from "./words";
import { panelWordsZh } from "./zh-panel";
import { reachWordsZh } from "./zh-reach";

export const zhCN: Words = {
  tongue: "zh-CN",
  you: "我",
  server: "服务器",
  lounge: "大厅",
  thisComputer: "本机",

  welcome: {
    title: "与任何聊天服务器对话",
    text: "Whinchat 把每一句话保存在这台电脑上，如实告诉你线路的状况，服务器讲什么，它就讲什么。",
    join: "加入本机大厅",
    or: "或者",
    add: "添加服务器",
    byAddress: "（输入地址即可）",
  },

  sidebar: {
    label: "服务器与会话",
    add: "添加服务器",
    open: "显示服务器",
    close: "隐藏服务器",
    unread: (count) => `${count} 条未读消息`,
    waiting: (count) => `${count} 条消息等待发送`,
  },

  account: {
    menu: (name) => `${name} 的操作`,
    edit: "编辑…",
    connect: "连接",
    disconnect: "断开",
    remove: "移除…",
  },

  state: {
    online: "已连接",
    connecting: "连接中",
    waiting: "重连中",
    stopped: "需要处理",
    off: "已关闭",
  },

  status: {
    online: "已连接",
    to: (host) => `到 ${host}`,
    rtt: (ms) => `${ms} 毫秒`,
    plain: "未加密",
    local: "本机",
    connecting: "正在连接",
    waiting: (duration) => `${duration}后重连`,
    now: "正在重连",
    stopped: "需要处理",
    off: "未连接",
    offWhy: "你关闭了这个服务器",
    connectNow: "立即连接",
    edit: "编辑服务器",
    trust: "查看证书",
    secret: "输入密码",
    reason: (reason) => `· ${reason}`,
  },

  timeline: {
    label: (name) => `${name} 的消息`,
    empty: "这里还没有消息，说点什么吧。",
    loading: "正在加载…",
    start: "本机的历史从这里开始。",
    today: "今天",
    yesterday: "昨天",
    unread: "新消息",
    newest: "回到最新",
    newestCount: (count) => `${count} 条新消息`,
    gap: (from, until) => `${from} 至 ${until} 未连接，期间的消息可能没有收到`,
    gapAt: (at) => `${at} 未连接，期间的消息可能没有收到`,
    gapOpen: (from) => `${from} 起未连接，期间的消息可能没有收到`,
    binary: (size) => `二进制消息 · ${size}`,
    binaryMore: (count) => `另有 ${count}`,
    whole: (characters) => `显示全部 ${characters} 个字符`,
  },

  delivery: {
    queued: "等待发送",
    sending: "正在发送…",
    sent: "已发送",
    acknowledged: "已确认",
    unconfirmed: "未确认：可能已送达，也可能没有",
    failed: (why) => `发送失败：${why}`,
    again: "再次发送",
    retry: "重试",
    discard: "丢弃",
  },

  composer: {
    label: (name) => `发给 ${name} 的消息`,
    placeholder: (name) => `发消息到 ${name}`,
    send: "发送",
    tooLong: "这条消息太长，无法发送。请缩短，或分几次发送。",
    failed: "这条消息无法保存，所以没有发送。文字还在这里。",
    lost: "没有得到回应。请再发送一次：已经保存的消息不会发送两遍。",
  },

  form: {
    addTitle: "添加服务器",
    addText: "有地址就可以开始。",
    editTitle: "编辑服务器",
    url: "地址",
    urlHint: "wss://chat.example.org/ws",
    urlGood: "这个地址可以使用",
    urlPlain: "这个地址可以使用；消息将不加密传输",
    name: "你给它起的名称",
    nameHint: "可不填",
    protocol: "协议",
    details: "备用地址、子协议、Origin、请求头",
    subprotocols: "子协议",
    subprotocolsHint: "按优先顺序，用空格分开",
    origin: "Origin",
    originHint: "https://example.org",
    headers: "附加请求头",
    headerName: "名称",
    headerValue: "值",
    addHeader: "添加请求头",
    removeHeader: "删除这个请求头",
    use: (url) => `改用 ${url}`,
    cancel: "取消",
    connect: "连接",
    save: "保存",
  },

  remove: {
    title: (name) => `移除 ${name}？`,
    text: "它在本机的历史将被删除，无法恢复。服务器上的内容不受影响。",
    waiting: (count) => `${count} 条等待发送的消息将会丢失。`,
    yes: "移除",
    no: "保留",
  },

  settings: {
    title: "设置",
    language: "语言",
    theme: "颜色",
    system: "跟随系统",
    light: "浅色",
    dark: "深色",
    background: "关闭窗口时",
    keep: "在托盘中继续接收消息",
    quit: "退出 Whinchat",
  },

  parting: {
    title: "关闭 Whinchat？",
    unsent: (count: number) => `还有 ${count} 条消息未发送。它们保存在本机，下次启动时会发出。`,
    unkept: (count: number) => `正在输入的 ${count} 段文字未能保存，关闭窗口后将会丢失。`,
    anyway: "仍要关闭",
    stay: "留下",
  },

  help: {
    title: "键盘",
    truth: "连接的真实状况",
    addServer: "添加服务器",
    settings: "设置",
    help: "本列表",
    previous: "上一个会话",
    next: "下一个会话",
    send: "发送消息",
    breakLine: "换行",
    escape: "关闭，或回到输入框",
    scroll: "滚动消息",
    newest: "到最新消息",
  },

  notice: {
    historySetAside: (path) => `本机的历史无法读取，已移到 ${path}，并新建了一份。`,
    diskTrouble: (text) => `磁盘无法写入需要保存的内容，正在不断重试。${text}`,
    close: "关闭",
  },

  trouble: {
    reading: "显示的内容可能不是最新的：无法读取，正在不断重试。",
    disk: "磁盘无法写入，所以什么都没有改变。请再试一次。",
    lost: "没有得到回应，所以不知道操作是否已经完成。",
    gone: "所涉及的内容已经不存在。",
    other: (text) => `操作没有完成：${text}`,
  },

  unusable: {
    other: {
      title: "无法打开历史",
      text: "Whinchat 只显示已经保存的内容，因此无法继续。没有删除任何东西。",
    },
    inUse: {
      title: "Whinchat 已经打开",
      text: "另一个 Whinchat 窗口正在使用这份历史。请在那里继续，并关闭这个窗口。",
    },
    newer: {
      title: "这份历史来自更新版本的 Whinchat",
      text: "当前版本无法读取它，也没有改动它。请重新安装较新的版本后继续。",
    },
  },

  ...panelWordsZh,
  ...reachWordsZh,
};
