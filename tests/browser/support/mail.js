// Mails of a shop that has no mail server: files in its folder, which MAIL_DIR names.
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const FOLDER = process.env.MAIL_DIR || new URL('../../../var/mail', import.meta.url).pathname;

function decoded(part) {
  const end = part.search(/\r?\n\r?\n/);
  const [head, body] = [part.slice(0, end), part.slice(end).trim()];
  if (/^content-transfer-encoding: *base64/im.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/^content-transfer-encoding: *quoted-printable/im.test(head)) return body;
  const bytes = body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The text of a mail's plain part. */
function plainText(mail) {
  const boundary = mail.match(/boundary="?([^"\r\n;]+)/i)?.[1];
  const parts = boundary ? mail.split(`--${boundary}`) : [mail];
  const plain = parts.find((part) => /^content-type: *text\/plain/im.test(part.split(/\r?\n\r?\n/)[0])) ?? '';
  return decoded(plain).replace(/\r\n/g, '\n');
}

/** Waits for a mail to `address` with `words` in it, and gives its text; the worker writes it a moment after its cause. */
export async function mailTo(address, words, { seconds = 60 } = {}) {
  const until = Date.now() + seconds * 1000;
  const read = new Set();
  for (;;) {
    for (const name of (await readdir(FOLDER)).filter((one) => one.endsWith('.eml') && !read.has(one))) {
      read.add(name);
      const mail = await readFile(path.join(FOLDER, name), 'utf8');
      const text = mail.toLowerCase().includes(`<${address.toLowerCase()}>`) || mail.toLowerCase().includes(`to: ${address.toLowerCase()}`) ? plainText(mail) : '';
      if (text.includes(words)) return text;
    }
    if (Date.now() > until) throw new Error(`no mail to ${address} with "${words}" in ${FOLDER} within ${seconds} s (MAIL_DIR names the shop's folder)`);
    await pause(500);
  }
}
