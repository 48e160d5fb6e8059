const known = new Map<string, boolean>();

/** An IANA zone that this Node knows, in its own spelling. Engines from Node 22 on take offsets (`+08:00`) as well, which are no zones. */
export function isTimeZone(name: string): boolean {
  if (name.length > 60 || !/^[A-Za-z]/.test(name)) return false;
  let yes = known.get(name);
  if (yes === undefined) {
    yes = canFormat(name);
    if (known.size < 10_000) known.set(name, yes);
  }
  return yes;
}

function canFormat(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
