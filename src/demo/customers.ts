/** The people whom the demo calls; `say` is spoken in turn, each after the bot has finished. */
export interface DemoCustomer {
  readonly name: string;
  /** User part of the URI, and name of the files. */
  readonly user: string;
  readonly temper: string;
  /** Shifts the installed voice, so that they sound like different people. */
  readonly pitch?: number;
  /** A voice of their own, where the model has several. */
  readonly voice?: string;
  readonly say: readonly string[];
  /** What must come of the call. */
  readonly verdict: 'follow_up' | 'end' | 'redial_at';
}

/** One language's demo. */
export interface DemoCast {
  readonly language: 'en-US' | 'zh-CN';
  /** In examples/flows, and its id. */
  readonly file: string;
  readonly flow: string;
  readonly bank: string;
  readonly customers: readonly DemoCustomer[];
}

export const CASTS: Readonly<Record<'en' | 'zh', DemoCast>> = {
  en: {
    language: 'en-US',
    file: 'card-offer.en.yaml',
    flow: 'card-offer',
    bank: 'Harbor Bank',
    customers: [
      {
        name: 'Alice',
        user: 'alice',
        temper: 'interested, with a question',
        pitch: 1.12,
        say: ['Yes please tell me more.', 'How much does it cost?', 'Yes please send it.', 'Yes that is fine.'],
        verdict: 'follow_up',
      },
      { name: 'Bob', user: 'bob', temper: 'not interested', pitch: 0.9, say: ['No thank you I am not interested.'], verdict: 'end' },
      { name: 'Carol', user: 'carol', temper: 'busy now', pitch: 1, say: ["I'm busy right now. Please call me later.", 'Tomorrow at three in the afternoon.', 'Yes that is right.'], verdict: 'redial_at' },
    ],
  },
  zh: {
    language: 'zh-CN',
    file: 'card-offer.zh.yaml',
    flow: 'card-offer-zh',
    bank: '北风银行',
    customers: [
      { name: '王女士', user: 'wang', temper: '感兴趣，有问题', voice: 'zf_xiaoyi', say: ['可以，你说吧。', '年费多少钱？', '需要，发给我吧。', '可以，没问题。'], verdict: 'follow_up' },
      { name: '李先生', user: 'li', temper: '不感兴趣', voice: 'zm_yunxi', say: ['不需要，谢谢，我不感兴趣。'], verdict: 'end' },
      { name: '张女士', user: 'zhang', temper: '现在很忙', voice: 'zf_xiaoni', say: ['我现在很忙，请晚一点再打给我。', '明天下午三点。', '可以，没问题。'], verdict: 'redial_at' },
    ],
  },
};
