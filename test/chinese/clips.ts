import { joinClips } from '../support/audio-clips.js';
import { startMouth } from '../support/speech-workers.js';
import type { ContractClip, ContractSpeech } from '../contract/ear.js';

/** What a Chinese voice says, as a caller would hear it; for ears that shall understand it. */
export async function speakAll(texts: readonly string[], voice = 'zf_xiaoxiao'): Promise<Int16Array[]> {
  const { mouth, close } = await startMouth(2, voice);
  try {
    const clips: Int16Array[] = [];
    for (const text of texts) {
      const pieces: Int16Array[] = [];
      for await (const { samples } of mouth.speak({ text, language: 'zh-CN', deadlineMs: 60_000 })) pieces.push(samples);
      clips.push(Int16Array.from(pieces.flatMap((piece) => [...piece])));
    }
    return clips;
  } finally {
    await close();
  }
}

/** Without marks and spaces. */
export function plainChinese(text: string): string {
  return text.replace(/[^\p{Letter}\p{Number}]/gu, '');
}

/** All different: Whisper writes down what is repeated only once. */
const MONOLOGUE = [
  '上个星期我在网上买了一台洗衣机,商家说三天之内就能送到。',
  '可是到了周末还是没有任何消息,我就打电话去问客服。',
  '客服说仓库那边缺货,需要再等几天才能发货。',
  '昨天下午快递员终于打来电话,说车子已经到了我们小区门口。',
  '结果他们送错了型号,颜色也不是我想要的那一种。',
  '所以我现在想申请退货,同时希望你们能够尽快退款给我。',
  '另外请告诉我运费由谁来承担,大概需要多长时间。',
];

/** The same for the contract of an ear. */
export async function chineseSpeech(): Promise<ContractSpeech> {
  const texts = ['不需要,谢谢。', '请发到我的邮箱。', '您的快递今天下午会送到。', '好的,可以。', '明天下午三点。'];
  const spoken = await speakAll([...texts, ...MONOLOGUE]);
  const clips = spoken.slice(0, texts.length).map((samples, index): ContractClip => ({ samples, said: [plainChinese(texts[index] ?? ''), ...(index === 4 ? ['明天下午3点'] : [])] }));
  const [thanks, again, sentence, first, second] = clips as [ContractClip, ContractClip, ContractClip, ContractClip, ContractClip];
  return { language: 'zh-CN', thanks, again, sentence, short: [first, second], monologue: { samples: joinClips(...spoken.slice(texts.length)), said: [plainChinese(MONOLOGUE.join(''))] }, plain: plainChinese, join: '' };
}
