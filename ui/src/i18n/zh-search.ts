/** The words of the search, in Simplified Chinese. */
import type { searchWords } from "./en-search";

export const searchWordsZh: typeof searchWords = {
  open: "搜索",
  close: "关闭搜索",
  label: "搜索消息",
  where: "搜索范围",
  here: "当前会话",
  everywhere: "所有会话",
  waiting: "正在搜索…",
  failed: "无法读取历史记录，将会重试。",
  none: "没有同时包含这些内容的消息。",
  found: (_many, count, more) => (more ? `最新的 ${count} 条消息；向下滚动查看更多` : `${count} 条消息`),
  results: "找到的消息",
  how: "输入词语或其开头，消息须包含全部词语。",
  ways: ["按此顺序出现的词语", "谁说的；自己说的用 from:me", "在哪个会话中", "自该日起：2026-11-29、今天、昨天", "在该日之前", "含有链接的消息"],
  keys: "↑ ↓ 选择，Enter 前往，Esc 关闭",
  faults: {
    nothing: "请再输入要搜索的词语。",
    tooLong: "一次搜索的内容太多了。",
    noValue: (operator) => `${operator}: 后面要写什么？`,
    day: (value) => `“${value}”不是日期。请写成 2026-11-29，或“今天”“昨天”。`,
    has: (value) => `has: 后面不能写“${value}”，只能写 link。`,
    noConversation: (value) => `没有名为“${value}”的会话。`,
  },
};
