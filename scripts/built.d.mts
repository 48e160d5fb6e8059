export function fingerprint(paths: readonly string[], root?: string): string;
export function filesUnder(dir: string, suffixes: readonly string[], root?: string): string[];
export function sourceFingerprint(root?: string): string;
