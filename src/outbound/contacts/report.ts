import type { ContactStore } from '../../store/contacts.js';

const PAGE = 1_000;

/** The refusals of an import as CSV, page by page. */
export async function* reportRows(store: Pick<ContactStore, 'listRefusals'>, id: string): AsyncGenerator<string> {
  // The mark tells spreadsheets that it is UTF-8.
  yield '\ufeffrow,column,code,reason\r\n';
  for (let cursor: string | undefined; ; ) {
    const page = await store.listRefusals(id, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield page.items.map(({ row, column, code, reason }) => `${row},${cell(column ?? '')},${code},${cell(reason)}\r\n`).join('');
    cursor = page.next;
    if (cursor === undefined) return;
  }
}

/** Quoted where needed; what a spreadsheet would run as a formula is text. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
