// Reads mails as bytes, one a line in base64, and says what is in each, one JSON object a line.
import { createInterface } from "node:readline";

import PostalMime from "postal-mime";

for await (const line of createInterface({ input: process.stdin })) {
  const mail = await PostalMime.parse(Buffer.from(line, "base64"));
  const { subject, from, to, cc, bcc } = mail;
  const text = mail.text?.replaceAll("\r\n", "\n");
  const headers = mail.headers.map(({ key, value }) => [key, value]);
  const attachments = mail.attachments.map(({ filename, mimeType, method, content }) =>
    ({ filename, mimeType, method, text: new TextDecoder().decode(content) }));
  console.log(JSON.stringify({ subject, from, to, cc, bcc, text, headers, attachments }));
}
