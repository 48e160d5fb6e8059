const NUMBERS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');
const MINUTES = new Map(Object.entries({ ten: 10, fifteen: 15, twenty: 20, thirty: 30, forty: 40, 'forty five': 45, fifty: 50 }));
const COUNTED = '((?:twenty|thirty|forty|fifty)[ -]five|five|ten|fifteen|twenty|thirty|forty|fifty)';
const COUNTS = new Map([...MINUTES, ['five', 5], ['twenty five', 25], ['thirty five', 35], ['fifty five', 55]]);

function minutesOf(words: string): number {
  return COUNTS.get(words.replace('-', ' ')) ?? 0;
}

/** Minutes before the hour belong to the hour before. */
function clockText(hour: number, minutes: number): string {
  return minutes < 0 ? `${hour === 1 ? 12 : hour - 1}:${60 + minutes}` : `${hour}:${String(minutes).padStart(2, '0')}`;
}

/** Number words beside words of time, as figures: "half past three" to "3:30", "three thirty" to "3:30". */
export function spelledTime(text: string): string {
  const hour = `(${NUMBERS.slice(1).join('|')}|\\d{1,2})`;
  const figure = (word: string): number => (NUMBERS.includes(word) ? NUMBERS.indexOf(word) : Number(word));
  return text
    .toLowerCase()
    .replace(/[\u2019]/g, "'")
    .replace(new RegExp(`^\\W*${hour}\\W*$`), (_, word: string) => `at ${figure(word)}`)
    .replace(new RegExp(`(?:\\bat )?\\b${hour} o'?\\s?clock\\b`, 'g'), (_, word: string) => `at ${figure(word)}`)
    .replace(/\b([ap])\.?\s?m\b\.?/g, '$1m')
    .replace(new RegExp(`\\b${COUNTED}(?= (?:minutes|hours|days|weeks)\\b)`, 'g'), (words) => String(minutesOf(words)))
    .replace(new RegExp(`\\b${COUNTED} (?:minutes )?(past|to) ${hour}\\b`, 'g'), (_, minutes: string, side: string, word: string) => clockText(figure(word), side === 'past' ? minutesOf(minutes) : -minutesOf(minutes)))
    .replace(/\bhalf an hour\b/g, '30 minutes')
    .replace(/\ban hour and a half\b/g, '90 minutes')
    .replace(/\b(?:a )?couple (?:of )?(hours|minutes|days|weeks)\b/g, '2 $1')
    .replace(/\ba few (minutes)\b/g, '10 $1')
    .replace(/\ba few (hours|days)\b/g, '3 $1')
    .replace(new RegExp(`\\bhalf past ${hour}\\b`, 'g'), (_, word: string) => `${figure(word)}:30`)
    .replace(new RegExp(`\\b(?:a )?quarter past ${hour}\\b`, 'g'), (_, word: string) => `${figure(word)}:15`)
    .replace(new RegExp(`\\b(?:a )?quarter to ${hour}\\b`, 'g'), (_, word: string) => `${figure(word) === 1 ? 12 : figure(word) - 1}:45`)
    .replace(new RegExp(`\\b${hour} (forty five|ten|fifteen|twenty|thirty|forty|fifty)\\b`, 'g'), (_, word: string, minute: string) => `${figure(word)}:${MINUTES.get(minute) ?? 0}`)
    .replace(new RegExp(`\\b(?:after|around|about|by|before|from|past|until|till)\\s+${hour}(?=\\b(?!\\s+(?:minutes|hours|days|weeks)))`, 'g'), (_, word: string) => `at ${figure(word)}`)
    .replace(/\b(?:after|around|about|at) (?:lunch|lunchtime)\b/g, 'at 1pm')
    .replace(/\bafter (?:work|dinner)\b/g, 'at 6pm')
    .replace(new RegExp(`\\b(${NUMBERS.slice(1).join('|')})(?=\\s*(?:[ap]m\\b|$|[,.?!]|in the|at night|tomorrow|today|tonight|on\\b|this|would|is|please))`, 'g'), (word) => String(figure(word)))
    .replace(new RegExp(`\\bat (${NUMBERS.slice(1).join('|')})\\b`, 'g'), (_, word: string) => `at ${figure(word)}`);
}
