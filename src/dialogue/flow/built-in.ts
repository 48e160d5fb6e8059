import type { SlotLanguage } from '../slots/slot-type.js';

/** What `universal: {name: true}` does, and the words it uses unless the flow has its own. */
export interface BuiltIn {
  readonly say: Readonly<Record<SlotLanguage, string>>;
  /** Reason of the verdict `end`, for those that end the call. */
  readonly ends: string | undefined;
  readonly slot: string | undefined;
}

const none = { en: '', zh: '' };

export const builtIn: ReadonlyMap<string, BuiltIn> = new Map([
  ['repeat', { say: none, ends: undefined, slot: undefined }],
  ['slower', { say: none, ends: undefined, slot: undefined }],
  ['hold_on', { say: { en: 'Sure, take your time.', zh: '好的，您请便，我等您。' }, ends: undefined, slot: undefined }],
  ['person', { say: none, ends: undefined, slot: undefined }],
  ['stop_calling', { say: { en: 'I understand. We will not call you again. Goodbye.', zh: '明白了，我们不会再打给您。再见。' }, ends: 'do_not_call', slot: 'do_not_call' }],
  ['wrong_number', { say: { en: 'I am sorry to have disturbed you. Goodbye.', zh: '不好意思，打扰您了。再见。' }, ends: 'wrong_number', slot: 'wrong_number' }],
  ['bye', { say: { en: 'Goodbye.', zh: '再见。' }, ends: 'caller_said_goodbye', slot: undefined }],
]);

export const defaultTexts: Readonly<Record<SlotLanguage, { readonly apology: string; readonly reprompt: string; readonly silenceReprompt: string }>> = {
  en: { apology: 'Sorry, I lost you for a moment.', reprompt: 'Sorry, I did not get that.', silenceReprompt: 'Are you still there?' },
  zh: { apology: '不好意思，刚才没听清。', reprompt: '不好意思，我没听明白。', silenceReprompt: '您还在吗？' },
};

/** Words of the engine itself; `resume` is only said where the flow has it. */
export const defaultWords: Readonly<Record<SlotLanguage, Readonly<Record<'did_you_mean' | 'confirm' | 'noted' | 'go_on' | 'too_short' | 'too_long' | 'wrong' | 'past' | 'sorry' | 'stop_calling' | 'wrong_number', string>>>> = {
  en: {
    did_you_mean: 'Did you mean {first}, or {second}?',
    confirm: 'I have {value}. Is that right?',
    noted: 'All right, {value}.',
    go_on: 'Yes, go on.',
    too_short: 'That is too little.',
    too_long: 'That is too much.',
    wrong: 'That does not seem to be right.',
    past: 'That does not fit the time.',
    sorry: 'Sorry, let us try once more.',
    stop_calling: 'Shall we stop calling you?',
    wrong_number: 'Have I reached the wrong number?',
  },
  zh: {
    did_you_mean: '您是说{first}，还是{second}？',
    confirm: '我听到的是{value}，对吗？',
    noted: '好的，{value}。',
    go_on: '好的，请继续。',
    too_short: '好像少了一些。',
    too_long: '好像多了一些。',
    wrong: '这个好像不对。',
    past: '这个时间不合适。',
    sorry: '不好意思，我们再来一次。',
    stop_calling: '您是要我们停止给您打电话吗？',
    wrong_number: '是我打错电话了吗？',
  },
};

export const defaultNumbers = { silenceMs: 6_000, accept: 0.5, askAgain: 0.25, maxTurns: 60, generateMs: 1_500, lookupMs: 3_000, redialMinutes: 1_440 } as const;

export function languageOf(tag: string): SlotLanguage {
  return /^zh(-|$)/i.test(tag) ? 'zh' : 'en';
}
