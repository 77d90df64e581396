import assert from "node:assert/strict";
import { test } from "node:test";

import { AddressBook } from "../../static/js/lib/addresses.js";

const at = (expires) => ({
  live: `/media/${expires}/sig/s1/live/index.m3u8`,
  audio: `/media/${expires}/sig/s1/live/audio.m3u8`,
  full: `/media/${expires}/gis/s1/full/index.m3u8`,
  full_audio: `/media/${expires}/gis/s1/full/audio.m3u8`,
  preview: null,
});
const BASE = "https://example.org/live/x/watch";

test("an address of hours ago leads to the same file under the newest signature", async () => {
  const book = new AddressBook(at(1), "/source", BASE);
  const old = "https://example.org/media/1/gis/s1/full/000123-abc.m4s";
  assert.equal(book.fresh(old), old);
  globalThis.fetch = async () => Response.json(at(2));
  await Promise.all([book.renew(), book.renew()]);
  assert.equal(book.fresh(old), "https://example.org/media/2/gis/s1/full/000123-abc.m4s");
  assert.equal(book.name(old), "full/000123-abc.m4s");
  assert.equal(book.name(book.fresh(old)), "full/000123-abc.m4s");
});

test("each scope has its playlists", () => {
  const book = new AddressBook(at(1), "/source", BASE);
  assert.match(book.playlist("live", false), /live\/index/);
  assert.match(book.playlist("live", true), /live\/audio/);
  assert.match(book.playlist("full", true), /full\/audio/);
});

test("foreign addresses are left alone", () => {
  const book = new AddressBook(at(1), "/source", BASE);
  assert.equal(book.fresh("https://example.org/other/file.mp4"), "https://example.org/other/file.mp4");
});
