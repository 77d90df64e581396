import assert from "node:assert/strict";
import { test } from "node:test";

import { differs } from "../../static/js/lib/academy-time.js";

const JANUARY = Date.UTC(2027, 0, 15, 7);
const JULY = Date.UTC(2027, 6, 15, 7);

test("a browser lives by another zone when its clock shows another time at that moment", () => {
  assert.equal(differs(JANUARY, "Asia/Shanghai", "Europe/Berlin"), true);
  assert.equal(differs(JANUARY, "Asia/Shanghai", "Asia/Singapore"), false);
  assert.equal(differs(JANUARY, "Europe/London", "UTC"), false);
  assert.equal(differs(JULY, "Europe/London", "UTC"), true, "summer time");
  assert.equal(differs(JULY, "", "UTC"), false, "a page that names no zone");
});
